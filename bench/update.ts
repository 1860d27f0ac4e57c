import { fileURLToPath } from "node:url";
import type { EngineName } from "../host-sim/engines/index.js";
import { xsAvailable } from "../host-sim/engines/index.js";
import { compileFirmware, imageOf } from "../host-sim/image/index.js";
import { trustingSimulatedKey } from "../host-sim/signing/index.js";
import type { Bench, BenchReport, Cell, Check } from "./bench.js";
import { median, rounded } from "./statistics.js";
import { type MeasuredUpdate, measureUpdate, type UpdateWanted } from "./update/measured-update.js";
import { PLAIN_LINK, widened } from "./update/models.js";

const FIRMWARE = fileURLToPath(new URL("./update/firmware.ts", import.meta.url));
const KIB = 1024;
const BLOCK_BYTES = 65_536;
/** Longest response header of the bucket. */
const HEADER_BYTES = 600;
/** What TCP windows, TLS records and the write buffer may hold at a cut. */
const IN_FLIGHT_BYTES = 32_768;

/** One update of one board: what it costs, and what each choice of the design is worth. */
export const update: Bench = {
  summary: "one update: time under a modelled link and flash, requests, messages, erases, stores",
  async run({ size, repeat }, say) {
    const firmware = trustingSimulatedKey(await compileFirmware({ entry: FIRMWARE }));
    const from = imageOf(firmware, { version: "1.0.1" });
    const to = imageOf(firmware, { version: "1.0.2", size, seed: 2 });
    const measured = async (name: string, wanted: Omit<UpdateWanted, "from" | "to">) => {
      say(name);
      return { name, update: await measureUpdate({ from, to, ...wanted }) };
    };
    const choices = [
      await measured("open range, 64 KiB erases", { engine: "node", model: PLAIN_LINK }),
      await measured("open range, 4 KiB erases", { engine: "node", model: PLAIN_LINK, sectorErases: true }),
      await measured("64 KiB ranges", { engine: "node", model: PLAIN_LINK, rangeLength: 64 * KIB }),
      await measured("16 KiB ranges", { engine: "node", model: PLAIN_LINK, rangeLength: 16 * KIB }),
      await measured("4 KiB ranges", { engine: "node", model: PLAIN_LINK, rangeLength: 4 * KIB }),
      await measured("open range, window 32 KiB", { engine: "node", model: widened(PLAIN_LINK) }),
    ];
    const troubles = [
      await measured("power cut at half", {
        engine: "node",
        model: PLAIN_LINK,
        trouble: { kind: "power-cut", at: [0.53] },
      }),
      await measured("connections reset at half", {
        engine: "node",
        model: PLAIN_LINK,
        trouble: { kind: "connection-reset", at: [0.53] },
      }),
    ];
    const hosts = await hostTimes(from, to, repeat, say);
    return report(size, choices, troubles, hosts);
  },
};

type Named = { readonly name: string; readonly update: MeasuredUpdate };

async function hostTimes(from: Uint8Array, to: Uint8Array, repeat: number, say: (line: string) => void) {
  const engines: EngineName[] = xsAvailable().available ? ["node", "xs"] : ["node"];
  const rows: { engine: EngineName; ms: number }[] = [];
  for (const engine of engines) {
    say(`host time on ${engine}`);
    const times: number[] = [];
    for (let run = 0; run < repeat; run += 1) times.push((await measureUpdate({ engine, from, to })).hostMs);
    rows.push({ engine, ms: median(times) });
  }
  return rows;
}

const COLUMNS = ["case", "virtual s", "KB/s", "requests", "handshakes", "messages", "extra bytes", "erases", "stores"];

function row({ name, update }: Named, size: number): Cell[] {
  return [
    name,
    rounded(update.virtualMs / 1000, 1),
    rounded(size / Math.max(1, update.downloadMs)),
    update.requests,
    update.handshakes,
    update.messagesFromDevice,
    update.extraBytes,
    update.blocksErased + update.sectorsErased,
    update.stores,
  ];
}

function report(
  size: number,
  choices: readonly Named[],
  troubles: readonly Named[],
  hosts: readonly { engine: EngineName; ms: number }[],
): BenchReport {
  const all = [...choices, ...troubles];
  const cut = troubles[0]?.update;
  const checks: Check[] = [
    {
      name: "every update SUCCEEDED",
      ok: all.every(({ update }) => update.status === "SUCCEEDED"),
      detail: all.map(({ update }) => update.status).join(", "),
    },
    {
      name: "nothing is fetched twice without a fault",
      ok: choices.every(({ update }) => update.extraBytes <= update.requests * HEADER_BYTES),
    },
    {
      name: "a power cut costs at most one erase block and what was in flight",
      ok: cut !== undefined && cut.extraBytes <= BLOCK_BYTES + IN_FLIGHT_BYTES,
      detail: `${cut?.extraBytes} bytes`,
    },
  ];
  return {
    tables: [
      {
        title: `${size} bytes, 50 ms round trip, 1 MB/s, NOR flash model`,
        columns: COLUMNS,
        rows: choices.map((c) => row(c, size)),
      },
      { title: "the same with a fault in the middle", columns: COLUMNS, rows: troubles.map((c) => row(c, size)) },
      {
        title: "host time of one update without any model",
        columns: ["engine", "ms (median)"],
        rows: hosts.map(({ engine, ms }) => [engine, rounded(ms)]),
      },
    ],
    checks,
    notes: [
      "extra bytes: HTTPS bytes that reached the device beyond the image: response headers, and what was fetched again.",
      "KB/s: image bytes over the time from opening the connection to the last write, erases included.",
    ],
    figures: { choices, troubles, hosts },
  };
}
