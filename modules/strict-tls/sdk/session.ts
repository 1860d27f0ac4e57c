/**
 * In the place of the SDK's `ssl/session`: nothing passes through a session whose handshake is not complete, and all
 * that fails is a `TlsRefusal`.
 */
import SSLSession from "419";
import type StrictCertificateManager from "ssl/cert";
import { asRefusal, HandshakeOrder, requireRecord, TlsRefusal } from "strict-tls/index";
import type { SdkSessionClass } from "./sdk-session.js";

const SdkSession = SSLSession as SdkSessionClass;

export default class StrictSession extends SdkSession {
  static readonly strictTls: boolean = true;

  readonly order = new HandshakeOrder();
  /** The suite that the server chose; 0 before. */
  cipherSuite = 0;
  declare certificateManager: StrictCertificateManager;

  /**
   * Without the SDK's cache of sessions: each handshake is a full one, so that names and dates count at every
   * connection.
   */
  constructor(options: object) {
    super({ ...options, cache: false });
  }

  override handshake(socket: object): boolean {
    try {
      const over = super.handshake(socket);
      // The SDK takes an alert that closes the session for the end of the handshake, and what follows would be sent
      // unencrypted.
      if (over && this.order.state !== "established")
        throw new TlsRefusal("protocol", "the server ended the handshake");
      return over;
    } catch (error) {
      this.order.end();
      throw asRefusal(error);
    }
  }

  override read(socket: object): Uint8Array | null | undefined {
    try {
      return super.read(socket);
    } catch (error) {
      this.order.end();
      throw asRefusal(error);
    }
  }

  override readPacket(socket: object): ArrayBuffer | undefined {
    const packet = super.readPacket(socket);
    const { packetBuffer } = this;
    if (packet !== undefined) requireRecord(new Uint8Array(packet, 0, Math.min(5, packet.byteLength)));
    else if (packetBuffer) requireRecord(packetBuffer.subarray(0, Math.min(5, packetBuffer.offset)));
    return packet;
  }

  override write(socket: object, data: unknown, options?: object): number {
    if (this.order.state !== "established") throw new TlsRefusal("protocol", "no session");
    return super.write(socket, data, options);
  }

  override putData(data: Uint8Array): void {
    this.order.take("application-data");
    super.putData(data);
  }
}
