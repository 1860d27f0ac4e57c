/**
 * In the place of the SDK's `ssl/changecipher`: lets the message that turns encryption on pass when it is due, and not
 * before.
 */
import sdk from "20";
import type StrictSession from "ssl/session";
import { TlsRefusal } from "strict-tls/index";

const CHANGE_CIPHER_SPEC = 1;

export default Object.freeze({
  strictTls: true,
  name: "changeCipherSpec",

  unpacketize(session: StrictSession, fragment: Uint8Array): void {
    session.order.take("change-cipher-spec");
    if (fragment.length !== 1 || fragment[0] !== CHANGE_CIPHER_SPEC)
      throw new TlsRefusal("protocol", "malformed change-cipher-spec");
    sdk.unpacketize(session, fragment);
  },

  packetize(session: StrictSession, type?: number): ArrayBuffer | Uint8Array {
    const packet = sdk.packetize(session, type);
    session.order.take("client-flight-sent");
    return packet;
  },
});
