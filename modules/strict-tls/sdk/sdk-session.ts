/** The SDK's `ssl/session` as far as it is used and extended, as it behaves in SDK 8.2. */
export type SdkSession = {
  /** What the constructor was given; after the ClientHello also what it offered by default. */
  readonly options: { readonly [name: string]: unknown };
  readonly clientRandom: ArrayBuffer;
  readonly serverRandom: ArrayBuffer;
  /** The server's half of the key exchange, for the message that answers it. */
  dhparams: { readonly named_curve: number; readonly dh_Ys: ArrayBuffer } | undefined;
  /** Takes one step. True: the handshake is over, or the server ended the session. */
  handshake(socket: object): boolean;
  /** `undefined`: nothing yet; `null`: the server ended the session. */
  read(socket: object): Uint8Array | null | undefined;
  write(socket: object, data: unknown, options?: object): number;
  /** What came of a record that is not complete, `offset` bytes of it. */
  readonly packetBuffer: (Uint8Array & { readonly offset: number }) | null | undefined;
  /** A whole record with its header; `undefined` while it is not complete. */
  readPacket(socket: object): ArrayBuffer | undefined;
  /** Called by the record layer with each record of application data. */
  putData(data: Uint8Array): void;
};

export type SdkSessionClass = new (options: object) => SdkSession;
