/** What a board did since it was made, through resets and power cuts. */
export interface Counters {
  /** Bytes erased in flash. */
  bytesErased: number;
  /** 64 KiB block erases. */
  blocksErased: number;
  /** 4 KiB sector erases. */
  sectorsErased: number;
  /** Write commands given to the flash. */
  flashWrites: number;
  bytesWritten: number;
  /** Values stored in or deleted from the key-value store. */
  stores: number;
  connections: number;
  /** TLS handshakes that succeeded. */
  handshakes: number;
  bytesReceived: number;
  bytesSent: number;
  /** Times the bootloader ran. */
  boots: number;
  /** Resets without loss of power. */
  restarts: number;
  powerCuts: number;
  /** Calls into the guest. */
  turns: number;
}

export function newCounters(): Counters {
  return {
    bytesErased: 0,
    blocksErased: 0,
    sectorsErased: 0,
    flashWrites: 0,
    bytesWritten: 0,
    stores: 0,
    connections: 0,
    handshakes: 0,
    bytesReceived: 0,
    bytesSent: 0,
    boots: 0,
    restarts: 0,
    powerCuts: 0,
    turns: 0,
  };
}
