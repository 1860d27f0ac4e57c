import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../../modules/ota-partition/esp32/fota_boot.c", import.meta.url));

/** True when the machine has a C compiler called cc. */
export function hasCompiler(): boolean {
  return spawnSync("cc", ["--version"]).status === 0;
}

/** `fota_boot.c` compiled with the host's compiler over the simulated ESP-IDF of sim_idf.c. */
export class NativeProgram {
  #folder = mkdtempSync(join(tmpdir(), "fota-boot-"));

  /** Compiles with all warnings as errors. @throws Error with the compiler's output */
  constructor(options: { rollback: boolean; antiRollback?: boolean }) {
    const flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I", join(HERE, "include")];
    if (options.rollback) flags.push("-DTEST_ROLLBACK");
    if (options.antiRollback === true) flags.push("-DTEST_ANTI_ROLLBACK");
    const run = spawnSync("cc", [...flags, "-o", this.#program, SOURCE, join(HERE, "sim_idf.c")]);
    if (run.status !== 0) throw new Error(run.stderr.toString());
  }

  /** Runs a script (see sim_idf.c) and gives what it printed, line by line. */
  run(script: readonly string[]): string[] {
    const run = spawnSync(this.#program, [], { input: `${script.join("\n")}\n` });
    if (run.status !== 0) throw new Error(`script failed with ${run.status ?? run.signal}`);
    return run.stdout.toString().trimEnd().split("\n");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  get #program(): string {
    return join(this.#folder, "fota_boot");
  }
}
