/** Every board of the SDK for the ESP32 with the sample's settings over it, as the table of docs/device.md has them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chosenOf } from "../../../tools/settings/sdkconfig-text.mjs";
import { type CheckedBuild, checkBuild } from "./checked-build.js";
import { failureLines } from "./device-build.js";
import type { Toolchain } from "./toolchain.js";

export type CheckedBoard = {
  readonly name: string;
  readonly chip: string;
  /** "4 MB". */
  readonly flash: string;
  readonly psram: string;
  readonly console: string;
  readonly table: string;
  /** "sound", or what is wrong. */
  readonly result: string;
};

const CONSOLES: Readonly<Record<string, string>> = Object.freeze({
  ESP_CONSOLE_UART_DEFAULT: "UART",
  CONSOLE_UART_DEFAULT: "UART",
  ESP_CONSOLE_UART_CUSTOM: "UART",
  ESP_CONSOLE_USB_CDC: "USB CDC",
  ESP_CONSOLE_USB_SERIAL_JTAG: "USB JTAG",
  ESP_CONSOLE_NONE: "none",
});
const PSRAM_MODES: Readonly<Record<string, string>> = Object.freeze({
  SPIRAM_MODE_QUAD: "quad",
  SPIRAM_MODE_OCT: "octal",
});

const BEGIN = "<!-- boards: npm run check:esp32 -- --boards --write -->";
const END = "<!-- end of boards -->";

/** Boards of the SDK, each as `-p` names it; the plain chip first. */
export function boardPlatforms(toolchain: Toolchain): string[] {
  const folder = join(toolchain.moddable, "build", "devices", "esp32", "targets");
  return [
    "esp32",
    ...readdirSync(folder)
      .sort()
      .map((name) => `esp32/${name}`),
  ];
}

/** The debug and the release build of each board, one after the other. */
export async function checkBoards(
  toolchain: Toolchain,
  { manifest, output }: { readonly manifest: string; readonly output: string },
  onBoard: (board: CheckedBoard) => void = () => {},
): Promise<CheckedBoard[]> {
  const boards: CheckedBoard[] = [];
  for (const platform of boardPlatforms(toolchain)) {
    const board = await checkBoard(toolchain, { manifest, output, platform });
    onBoard(board);
    boards.push(board);
  }
  return boards;
}

async function checkBoard(
  toolchain: Toolchain,
  options: { readonly manifest: string; readonly output: string; readonly platform: string },
): Promise<CheckedBoard> {
  const name = options.platform.replace(/^esp32\//, "");
  const builds: CheckedBuild[] = [];
  try {
    for (const release of [false, true]) {
      builds.push(await checkBuild({ toolchain, ...options, release, link: false }));
    }
  } catch (error) {
    const text = failureLines(error instanceof Error ? error.message : String(error), 1);
    const result = `not built: ${text.replace(/^.*### Error: /, "")}`;
    return { name, chip: "", flash: "", psram: "", console: "", table: "", result };
  }
  const texts = builds.flatMap(({ findings }) => findings.map(({ text }) => shortened(text, toolchain)));
  return { ...describe(name, builds), result: texts.length === 0 ? "sound" : [...new Set(texts)].join("; ") };
}

function describe(name: string, [build]: readonly CheckedBuild[]): Omit<CheckedBoard, "result"> {
  if (build === undefined) throw new Error(`${name} was not built`);
  const { settings, flashMegabytes, table, slotSize } = build.settings;
  const psram = settings.get("SPIRAM")?.value === "y";
  const mode = PSRAM_MODES[chosenOf(settings, Object.keys(PSRAM_MODES)) ?? ""];
  const slots = slotSize === 0 ? table : `${table}, slots of ${slotSize / 1024} KB`;
  return {
    name,
    chip: build.chip,
    flash: `${flashMegabytes} MB`,
    psram: psram ? (mode ?? "yes") : "none",
    console: CONSOLES[chosenOf(settings, Object.keys(CONSOLES)) ?? ""] ?? "ESP-IDF's default",
    table: slots,
  };
}

/** Without the folders of this machine. */
function shortened(text: string, { moddable }: Toolchain): string {
  return text.replaceAll(`${moddable}/build/devices/esp32/targets/`, "");
}

/** The table of docs/device.md. */
export function boardTable(boards: readonly CheckedBoard[]): string {
  const rows = boards.map(({ name, chip, flash, psram, console, table, result }) =>
    [`\`${name}\``, chip, flash, psram, console, table, result].join(" | "),
  );
  return [
    "| board | chip | flash | PSRAM | console | table | result |",
    "|---|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

/** The document with another table between its marks. @throws Error when it has no such marks */
export function replaceBoardTable(document: string, table: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the document has no ${BEGIN} with ${END} behind it`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${table}\n\n${document.slice(end)}`;
}

/** The rows of the document's table, by board. */
export function boardsIn(path: string): Map<string, readonly string[]> {
  const text = readFileSync(path, "utf8");
  const rows = text.slice(text.indexOf(BEGIN), text.indexOf(END)).matchAll(/^\| `(\w+)` \| (.*) \|$/gm);
  return new Map([...rows].map(([, name = "", rest = ""]) => [name, rest.split(" | ")]));
}
