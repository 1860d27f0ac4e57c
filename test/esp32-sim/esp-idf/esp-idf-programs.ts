import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SUPPORT = "components/bootloader_support";

/** Files of ESP-IDF that are compiled whole. */
const WHOLE = Object.freeze([
  `${SUPPORT}/include/esp_flash_partitions.h`,
  `${SUPPORT}/include/esp_app_format.h`,
  `${SUPPORT}/include/esp_image_format.h`,
  `${SUPPORT}/include/bootloader_util.h`,
  `${SUPPORT}/src/esp_image_format.c`,
  `${SUPPORT}/src/bootloader_common_loader.c`,
  "components/esp_app_format/include/esp_app_desc.h",
  "components/app_update/esp_ota_ops.c",
]);
/** Files of which only some functions are: the rest is the chip's. */
const PARTS: readonly (readonly [path: string, name: string, functions: readonly string[]])[] = Object.freeze([
  [
    `${SUPPORT}/src/bootloader_utility.c`,
    "bootloader_utility_part.c",
    [
      "bootloader_common_read_otadata",
      "index_to_partition",
      "log_invalid_app_partition",
      "write_otadata",
      "bootloader_utility_get_selected_boot_partition",
      "try_load_partition",
      "set_actual_ota_seq",
      "bootloader_utility_load_boot_image",
    ],
  ],
  [
    "components/esp_partition/partition_target.c",
    "partition_part.c",
    ["esp_partition_read", "esp_partition_write", "esp_partition_erase_range"],
  ],
]);

/** Where ESP-IDF's sources are: v6.0, by IDF_PATH. Undefined when they, or a compiler, are missing. */
export function espIdfSources(): string | undefined {
  const root = process.env.IDF_PATH;
  if (root === undefined || root === "" || spawnSync("cc", ["--version"]).status !== 0) return undefined;
  return [...WHOLE, ...PARTS.map(([path]) => path)].every((path) => existsSync(join(root, path))) ? root : undefined;
}

/** The function of a file, from the line of its name to the brace that ends it. */
function functionOf(source: string, name: string): string {
  const found = new RegExp(`^[a-z][\\w \\*]*\\b${name}\\([^;]*?\\n\\{[\\s\\S]*?^\\}`, "m").exec(source);
  if (found === null) throw new Error(`${name} is not there`);
  return found[0];
}

/** ESP-IDF's own bootloader and calls, compiled for this computer from the sources of whoever runs the test. */
export class EspIdfProgram {
  readonly #folder = mkdtempSync(join(tmpdir(), "esp-idf-"));
  readonly #path: string;

  /** @throws Error with the compiler's output */
  constructor(program: "boot" | "app", root: string, options: { rollback?: boolean; skipValidate?: boolean } = {}) {
    const read = (path: string) => readFileSync(join(root, path), "utf8");
    const keep = (name: string, text: string) => writeFileSync(join(this.#folder, name), text);
    for (const path of WHOLE) {
      // The running slot is looked up at each call, as it changes from case to case.
      const text = read(path)
        .replace(/^#include.*$/gm, "")
        .replace("static const esp_partition_t *curr_partition", "const esp_partition_t *curr_partition");
      keep(path.split("/").at(-1) ?? "", text);
    }
    for (const [path, name, functions] of PARTS) {
      const source = read(path);
      keep(name, functions.map((wanted) => functionOf(source, wanted)).join("\n\n"));
    }
    this.#path = join(this.#folder, program);
    const flags = ["-std=gnu17", "-w", "-O1", "-no-pie", "-D_GNU_SOURCE", "-I", this.#folder, "-I", HERE];
    if (options.rollback !== false) flags.push("-DTEST_ROLLBACK");
    if (options.skipValidate === true) flags.push("-DTEST_SKIP");
    // As the linker places them, within its script; data never fills its segment. [bootloader.ld of the ESP32]
    const places = {
      _dram_start: 0x3fff0000,
      _dram_end: 0x3fff4000,
      _loader_text_start: 0x40078000,
      _loader_text_end: 0x40080000,
    };
    for (const [name, place] of Object.entries(places)) flags.push(`-Wl,--defsym=${name}=${place}`);
    const run = spawnSync("cc", [...flags, "-o", this.#path, join(HERE, `${program}.c`)]);
    if (run.status !== 0) throw new Error(run.stderr.toString().slice(0, 8000));
  }

  /** What a script prints, line by line. */
  run(script: readonly string[]): string[] {
    const run = spawnSync(this.#path, [], { input: `${script.join("\n")}\n`, maxBuffer: 2 ** 28 });
    if (run.status !== 0) throw new Error(`the program ended with ${run.status ?? run.signal}`);
    return run.stdout.toString().trimEnd().split("\n");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
