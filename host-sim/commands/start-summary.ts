/** What happened in the update of `npm start`, counted where it happened: board, broker and bucket. */
export type UpdateResult = {
  /** Status of the job execution. */
  readonly status: string;
  readonly from: string;
  readonly to: string;
  /** Slot whose code runs at the end, and the version in its descriptor. */
  readonly slot: string;
  readonly runs: string;
  readonly engine: string;
  readonly imageBytes: number;
  /** Bytes of the patch that brings it; absent: it came as a whole. */
  readonly patchBytes?: number;
  /** Requests that reached S3, and body bytes it sent. */
  readonly httpRequests: number;
  readonly httpBodyBytes: number;
  /** PUBLISH packets from the device to the broker. */
  readonly mqttPublishes: number;
  readonly tlsHandshakes: number;
  /** 64 KiB blocks and 4 KiB sectors. */
  readonly blocksErased: number;
  readonly sectorsErased: number;
  readonly flashWrites: number;
  /** Values written to NVS, settings of the first start included. */
  readonly recordStores: number;
  readonly boots: number;
  readonly milliseconds: number;
  readonly statusDetails: Readonly<Record<string, string>>;
};

/** The result as lines for a reader. */
export function summaryLines(result: UpdateResult): string[] {
  const rows: [string, string][] = [
    ["job", `${result.status}: ${result.from} -> ${result.runs} in ${result.slot}, engine ${result.engine}`],
    ["image", `${result.imageBytes} bytes; ${result.httpBodyBytes} sent by S3 in ${result.httpRequests} request(s)`],
    ...patchRow(result),
    ["network", `${result.tlsHandshakes} TLS handshakes, ${result.mqttPublishes} MQTT publishes by the device`],
    ["flash", `${result.blocksErased} block and ${result.sectorsErased} sector erases, ${result.flashWrites} writes`],
    ["NVS", `${result.recordStores} stores`],
    ["time", `${(result.milliseconds / 1000).toFixed(1)} s, ${result.boots} boots`],
  ];
  return ["", ...rows.map(([name, text]) => `${name.padStart(8)} | ${text}`)];
}

function patchRow({ patchBytes, imageBytes }: UpdateResult): [string, string][] {
  if (patchBytes === undefined) return [];
  return [["patch", `${patchBytes} bytes, ${((100 * patchBytes) / imageBytes).toFixed(2)} % of the image`]];
}
