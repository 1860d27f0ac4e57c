/**
 * In the place of the SDK's `ssl/handshake`: judges each message of the server, then hands it on.
 *
 * The SDK's modules import each other in a circle, so that its handshake may not be there yet while this module is
 * loaded: it is asked for when it is needed.
 */
import sdk from "22";
import type StrictSession from "ssl/session";
import SSLStream from "ssl/stream";
import { checkServerHello, eventOf, parseCertificateList, TlsReader, verifyKeyExchange } from "strict-tls/index";
import { sdkCrypto } from "strict-tls/sdk/crypto";
import { algorithmsOf, curvesOf, keyTypeOf, offerOf } from "strict-tls/sdk/offer";

const HELLO_REQUEST = 0;

/** The SDK goes on hashing the message, and has nothing else to do with it: what it holds was taken here. */
const TAKEN = Object.freeze({ unpacketize() {} });

/** What this side concludes from a message; throws when it ends the connection. */
const CHECKS: Readonly<Record<string, (session: StrictSession, body: Uint8Array) => void>> = Object.freeze({
  "server-hello": (session: StrictSession, body: Uint8Array) => {
    session.cipherSuite = checkServerHello(body, offerOf(session.options));
  },
  certificate: (session: StrictSession, body: Uint8Array) => {
    session.certificateManager.verify(parseCertificateList(body), session.options);
  },
  "server-key-exchange": (session: StrictSession, body: Uint8Array) => {
    const { curve, point } = verifyKeyExchange({
      body,
      clientRandom: new Uint8Array(session.clientRandom),
      serverRandom: new Uint8Array(session.serverRandom),
      serverKey: session.certificateManager.serverKey,
      keyType: keyTypeOf(session.cipherSuite),
      offeredCurves: curvesOf(session.options),
      offeredAlgorithms: algorithmsOf(session.options),
      crypto: sdkCrypto,
    });
    session.dhparams = { named_curve: curve, dh_Ys: new Uint8Array(point).buffer };
  },
});

export default Object.freeze({
  strictTls: true,

  /** The messages of one record; one that is spread over several is not understood, as by the SDK. */
  unpacketize(session: StrictSession, stream: SSLStream): void {
    const record = stream.readChunk(stream.bytesAvailable, true);
    const messages = new TlsReader(record, "handshake message");
    while (!messages.atEnd) {
      const start = messages.position;
      const type = messages.number(1);
      const body = messages.vector(3);
      // May be ignored at any time, and is no part of what the handshake's end proves. [RFC 5246, 7.4.1.1]
      if (type === HELLO_REQUEST) continue;
      const event = eventOf(type);
      session.order.take(event);
      CHECKS[event]?.(session, body);
      const checked = { __proto__: sdk, certificate: TAKEN, serverKeyExchange: TAKEN };
      sdk.unpacketize.call(checked, session, new SSLStream(record.subarray(start, messages.position)));
    }
  },

  // What the session sends, and the numbers by which it knows what to send.
  get helloRequest() {
    return sdk.helloRequest;
  },
  get clientHello() {
    return sdk.clientHello;
  },
  get serverHello() {
    return sdk.serverHello;
  },
  get certificate() {
    return sdk.certificate;
  },
  get serverKeyExchange() {
    return sdk.serverKeyExchange;
  },
  get certificateRequest() {
    return sdk.certificateRequest;
  },
  get serverHelloDone() {
    return sdk.serverHelloDone;
  },
  get clientKeyExchange() {
    return sdk.clientKeyExchange;
  },
  get certificateVerify() {
    return sdk.certificateVerify;
  },
  get finished() {
    return sdk.finished;
  },
});
