/** What a TLS handshake costs in Moddable's simulator, with the SDK's own TLS and with `strict-tls` in front of it. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeStrictPeers, type StrictPeers } from "../../contract/support/strict-scripts.js";
import { Tls12Server } from "../../contract/support/tls12-server.js";
import type { ModdableSdk } from "../sdk.js";
import { buildApp, removeBuild, runApp } from "../simulator.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const CPU_TIME = fileURLToPath(new URL("./cpu_time.c", import.meta.url));
const MEASURE = fileURLToPath(new URL("./measure.ts", import.meta.url));
/** Room for everything that one handshake allocates, so that no garbage is collected in it. */
const ROOMY = { chunk: { initial: 4_000_000 }, heap: { initial: 100_000 }, stack: 1024 };
const SLOT_BYTES = 32;

export type HandshakeCost = {
  /** The peer: a label of `test/contract/guest/strict-cases.ts`. */
  readonly label: string;
  readonly strict: boolean;
  /** Computing alone; medians of all rounds. */
  readonly milliseconds: number;
  readonly chunkBytes: number;
  readonly slots: number;
};

type Line = { readonly label: string; readonly microseconds: number; readonly chunks: number; readonly slots: number };

export async function measureHandshakes(sdk: ModdableSdk): Promise<HandshakeCost[]> {
  const strictPeers = await makeStrictPeers();
  const server = createServer((socket) => void new Tls12Server(socket, strictPeers.scriptFor));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  try {
    const costs: HandshakeCost[] = [];
    for (const strict of [false, true]) {
      const lines = await measure(sdk, strictPeers, portOf(server), strict);
      for (const label of new Set(lines.map((line) => line.label))) {
        const rounds = lines.filter((line) => line.label === label);
        costs.push({
          label,
          strict,
          milliseconds: median(rounds.map(({ microseconds }) => microseconds)) / 1000,
          chunkBytes: median(rounds.map(({ chunks }) => chunks)),
          slots: median(rounds.map(({ slots }) => slots)) / SLOT_BYTES,
        });
      }
    }
    return costs;
  } finally {
    server.close();
  }
}

async function measure(sdk: ModdableSdk, peers: StrictPeers, port: number, strict: boolean): Promise<Line[]> {
  const folder = join(ROOT, "build/moddable", `handshake-${strict ? "strict" : "plain"}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(MEASURE, join(folder, "main.ts"));
  copyFileSync(CPU_TIME, join(folder, "cpu_time.c"));
  for (const [name, bytes] of Object.entries(peers.resources)) writeFileSync(join(folder, name), bytes);
  const manifest = {
    include: [
      "$(MODDABLE)/examples/manifest_base.json",
      "$(MODDABLE)/examples/io/tcp/tlssocket/manifest.json",
      "$(MODDABLE)/modules/base/instrumentation/manifest.json",
      "$(MODDABLE)/modules/base/debug/manifest.json",
      ...(strict ? [join(ROOT, "modules/strict-tls/manifest.json")] : []),
    ],
    modules: { "*": "./main" },
    creation: ROOMY,
    config: { port },
    ffi: { sources: ["./cpu_time.c"], functions: { cpu_microseconds: { arguments: [], returns: "int32_t" } } },
    data: { "*": Object.keys(peers.resources).map((name) => `./${basename(name, extname(name))}`) },
    typescript: { tsconfig: { compilerOptions: { noImplicitAny: false } } },
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  const lines: Line[] = [];
  try {
    const library = await buildApp({ sdk, folder });
    const run = await runApp({
      sdk,
      library,
      onTrace: (line) => {
        const text = /^handshake (\{.*\})$/.exec(line)?.[1];
        if (text !== undefined) lines.push(JSON.parse(text));
        if (line === "handshakes done") run.stop();
      },
    });
    const exit = await run.exit;
    if (exit.cause !== "stopped") throw new Error(`the simulator ${exit.cause} after ${lines.length} handshakes`);
  } finally {
    removeBuild(sdk, folder);
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return address.port;
}
