/**
 * `npm run check:esp32`: the device build as far as the SDK goes without a compiler for the ESP32, of the sample or,
 * with `--manifest`, of an application that includes this project. It is generated, taken through TypeScript, `xsc` and
 * `xsl`, and what would break on the device is reported.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Manual,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  type Running,
  runCommand,
  UsageError,
} from "../../host-sim/command-line/index.js";
import { boardTable, checkBoards, replaceBoardTable } from "./esp32/boards.js";
import { type CheckedBuild, checkApplication, checkEsp32, manifestAt, PROJECT, SAMPLE } from "./esp32/checked-build.js";
import { findToolchain, type Toolchain } from "./esp32/toolchain.js";

const OUTPUT = join(PROJECT, "build", "check-esp32");
const DOCUMENT = join(PROJECT, "docs", "device.md");

const CHECK: Manual = {
  name: "check:esp32",
  does: "Checks the device build as far as the SDK goes without a compiler for the ESP32: the sample's, or an application's.",
  options: {
    manifest: {
      type: "string",
      value: "PATH",
      does: "an application that includes this project: its folder or manifest",
    },
    platform: { type: "string", value: "P", does: "esp32 or a board of it, as for mcconfig -p (default esp32)" },
    boards: { type: "boolean", does: "every board of the SDK, without linking" },
    write: { type: "boolean", does: "with --boards: bring the table of docs/device.md up to date" },
  },
  example: "--manifest ../my-app --platform esp32/m5stack_fire",
  exits: {
    0: "nothing was found",
    1: "something was found",
    2: "a mistake of the caller, or the SDK's tools are missing",
  },
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function tell({ name, modules, settings, hardening, findings }: CheckedBuild): void {
  const { version, flashMegabytes, table } = settings;
  const on = hardening.length === 0 ? "no protection of the chip's own" : `on: ${hardening.join(", ")}`;
  say(
    `${name}: ${modules} modules, version ${version || "none"}, flash of ${flashMegabytes} MB, table ${table}, ${on}`,
  );
  for (const note of settings.notes) say(`  note: ${note}`);
  for (const { kind, text } of findings) say(`  ${kind}: ${text}`);
  if (findings.length === 0) say("  nothing found");
}

async function checkAllBoards(toolchain: Toolchain, manifest: string, write: boolean): Promise<number> {
  const boards = await checkBoards(toolchain, { manifest, output: OUTPUT }, ({ name, result }) =>
    say(`${name}: ${result}`),
  );
  if (write) {
    writeFileSync(DOCUMENT, replaceBoardTable(readFileSync(DOCUMENT, "utf8"), boardTable(boards)));
    say(`docs/device.md has the table of ${boards.length} boards`);
  }
  return boards.every(({ result }) => result === "sound") ? 0 : 1;
}

async function main(argv: readonly string[], { doing }: Running): Promise<number> {
  const values = parseOptions(argv, CHECK.options);
  const [path, platform] = [optionalText(values, "manifest"), optionalText(values, "platform")];
  const boards = values.boards === true;
  const write = values.write === true;
  if (platform !== undefined && !/^esp32(?:[/:].+)?$/.test(platform))
    throw new UsageError(`--platform ${platform}: not esp32 or a board of it, as in esp32/moddable_two`);
  if (boards && platform !== undefined) throw new UsageError("--boards and --platform exclude each other");
  if (write && !boards) throw new UsageError("--write goes with --boards");
  if (write && path !== undefined) throw new UsageError("--write and --manifest exclude each other");
  const manifest = path === undefined ? SAMPLE : manifestAt(path);
  if (manifest === undefined) throw new UsageError(`--manifest ${path}: there is no manifest.json`);

  const search = findToolchain();
  if (!search.found)
    throw new UsageError(`the Moddable SDK's tools and ESP-IDF's sources are needed: ${search.missing}`);
  const { toolchain } = search;
  doing("mcconfig and the SDK's tools make a build");
  if (boards) return checkAllBoards(toolchain, manifest, write);
  const checked =
    path === undefined && platform === undefined
      ? await checkEsp32(toolchain, OUTPUT, tell)
      : await checkApplication(toolchain, { manifest, platform: platform ?? "esp32", output: OUTPUT }, tell);
  return checked.every(({ findings }) => findings.length === 0) ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const argv = process.argv.slice(2);
  process.exitCode = await runCommand(CHECK, argv, PROCESS_OUTPUT, (running) => main(argv, running));
}
