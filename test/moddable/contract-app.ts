/** The contract's programs as an application for Moddable's simulator, on the SDK's own classes. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { contractModule } from "../contract/support/guest-bundles.js";
import type { ContractSettings } from "../contract/support/peers.js";
import { ContractReport } from "../contract/support/report.js";
import type { ModdableSdk } from "./sdk.js";
import { buildApp, removeBuild, runApp } from "./simulator.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILD = join(ROOT, "build/moddable");
const FIRMWARE: { readonly creation: { readonly stack: number } } = JSON.parse(
  readFileSync(join(ROOT, "modules/aws-fota/manifest.json"), "utf8"),
);
const CLOCK_1970 = fileURLToPath(new URL("./clock_1970.c", import.meta.url));
const SIGPIPE = fileURLToPath(new URL("./ignore_sigpipe.c", import.meta.url));

function manifest(peers: ContractSettings): object {
  return {
    include: [
      "$(MODDABLE)/examples/manifest_base.json",
      "$(MODDABLE)/modules/io/manifest.json",
      "$(MODDABLE)/examples/io/tcp/mqttsclient/manifest_mqttsclient.json",
      "$(MODDABLE)/examples/io/tcp/httpsclient/manifest_httpsclient.json",
      "$(MODDABLE)/modules/crypt/digest/manifest.json",
      "$(MODDABLE)/modules/files/preference/manifest.json",
      // Last, as in an application that does not think of it: it has to take the place of the SDK's modules all the
      // same.
      join(ROOT, "modules/strict-tls/manifest.json"),
    ],
    modules: { "*": "./main" },
    // The firmware's own: the SDK's default is too small for TLS inside of callbacks.
    creation: { stack: FIRMWARE.creation.stack },
    data: { "*": Object.keys(peers.certificates.resources).map((name) => `./${basename(name, extname(name))}`) },
    config: peers.config,
    ffi: { sources: ["./ignore_sigpipe.c"], functions: { ignore_sigpipe: { arguments: [], returns: "int32_t" } } },
  };
}

async function writeApp(folder: string, peers: ContractSettings): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest(peers), null, 2));
  writeFileSync(join(folder, "main.js"), await contractModule());
  copyFileSync(SIGPIPE, join(folder, basename(SIGPIPE)));
  for (const [name, bytes] of Object.entries(peers.certificates.resources)) writeFileSync(join(folder, name), bytes);
}

/** The library under which a process of this computer believes that it is 1970. */
function buildClock1970(folder: string): string {
  const library = join(folder, "clock_1970.so");
  const { status, stderr } = spawnSync("cc", ["-shared", "-fPIC", "-o", library, CLOCK_1970], { encoding: "utf8" });
  if (status !== 0) throw new Error(`cc: ${stderr}`);
  return library;
}

/**
 * Builds and runs the contract. What the build leaves in the SDK's folders is removed again.
 * @param clockSet false: the machine's clock stands at 1970
 */
export async function runInSimulator(
  sdk: ModdableSdk,
  peers: ContractSettings,
  timeoutMs: number,
  clockSet = true,
): Promise<ContractReport> {
  const folder = join(BUILD, `contract-${process.pid}`);
  await writeApp(folder, peers);
  const report = new ContractReport();
  try {
    const library = await buildApp({ sdk, folder });
    const run = await runApp({
      sdk,
      library,
      timeoutMs,
      ...(clockSet ? {} : { environment: { LD_PRELOAD: buildClock1970(folder) } }),
      onTrace: (line) => {
        report.takeLine(line);
        if (report.complete) run.stop();
      },
      onBreak: (message) => report.others.push(`break: ${message}`),
    });
    const exit = await run.exit;
    if (!report.complete) report.others.push(`the simulator ${exit.cause}: ${exit.signal ?? exit.code} ${exit.output}`);
  } finally {
    removeBuild(sdk, folder);
    rmSync(folder, { recursive: true, force: true });
  }
  return report;
}
