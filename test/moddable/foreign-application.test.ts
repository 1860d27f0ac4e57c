import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { partitionTable } from "../../tools/settings/partition-table.mjs";
import { boardPlatforms, boardsIn } from "./esp32/boards.js";
import { type CheckedBuild, checkBuild } from "./esp32/checked-build.js";
import { generateBuild } from "./esp32/device-build.js";
import { findToolchain, type Toolchain } from "./esp32/toolchain.js";

const ROOT = realpathSync(fileURLToPath(new URL("../..", import.meta.url)));
const MINUTES = 60_000;

const HOSTNAME = 'CONFIG_LWIP_LOCAL_HOSTNAME="lamp"\n';
const OWN_TABLE = partitionTable(4, { mods: false, files: "pictures" });
/** As a user may make it: the slots of another table with a larger second one. */
const UNEQUAL_TABLE = partitionTable(4, { mods: false, files: undefined }).replace(
  "0x20000,  0x1f0000",
  "0x20000,  0x180000",
);

type Files = Readonly<Record<string, string | object>>;

/** An application of somebody else, in a folder of its own, that includes the library as a submodule would be. */
describe("somebody else's application (needs the Moddable SDK and ESP-IDF: MODDABLE, IDF_PATH, mcconfig)", () => {
  let toolchain: Toolchain;
  let folder: string;

  before(function () {
    const search = findToolchain();
    if (!search.found) return this.skip();
    toolchain = search.toolchain;
  });

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "foreign-application-")));
  });

  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  function write(files: Files): void {
    for (const [path, content] of Object.entries({ "main.ts": 'trace("x\\n");\n', ...files })) {
      const file = join(folder, "application", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    }
  }

  const library = (module: string) =>
    join(relative(join(folder, "application"), ROOT), "modules", module, "manifest.json");

  function manifest(more: object = {}, include: readonly string[] = []): object {
    return {
      include: [
        "$(MODDABLE)/examples/manifest_base.json",
        `./${library("aws-fota")}`,
        `./${library("device-ports")}`,
        ...include,
      ],
      modules: { main: "./main" },
      config: { version: "4.5.6" },
      ...more,
    };
  }

  const options = (platform: string, release: boolean) => ({
    toolchain,
    manifest: join(folder, "application", "manifest.json"),
    platform,
    output: join(folder, "build"),
    release,
  });

  function check(files: Files, { platform = "esp32", release = false } = {}): Promise<CheckedBuild> {
    write(files);
    return checkBuild({ ...options(platform, release), link: false });
  }

  const textsOf = ({ findings }: CheckedBuild): string =>
    findings.map(({ kind, text }) => `${kind}: ${text}`).join("\n");

  it("has every safety setting without a line of its own", async () => {
    const build = await check({ "manifest.json": manifest() });
    assert.equal(textsOf(build), "");
    assert.equal(build.settings.version, "4.5.6");
  }).timeout(2 * MINUTES);

  it("has the version of the mcconfig line, which goes before its own", async () => {
    write({ "manifest.json": manifest() });
    const { settings } = await generateBuild({ ...options("esp32", true), settings: ["version=5.0.0-rc.1"] });
    assert.deepEqual([settings.version, settings.problems.length], ["5.0.0-rc.1", 0]);
    assert.match(settings.sdkconfig, /^CONFIG_APP_PROJECT_VER="5\.0\.0-rc\.1"$/m);
  }).timeout(2 * MINUTES);

  it("has its own settings and table from its own build section, beside the library's", async () => {
    const build = await check({
      "manifest.json": manifest({ build: { SDKCONFIGPATH: "./board/sdkconfig", PARTITIONS_FILE: "./board/own.csv" } }),
      "board/sdkconfig/sdkconfig.defaults": HOSTNAME,
      "board/own.csv": OWN_TABLE,
    });
    assert.equal(textsOf(build), "");
    assert.equal(build.settings.settings.get("LWIP_LOCAL_HOSTNAME")?.value, '"lamp"');
    assert.equal(build.settings.partitions, OWN_TABLE);
  }).timeout(2 * MINUTES);

  for (const [title, position] of [
    ["after the library's", 3],
    ["before the library's", 0],
  ] as const) {
    it(`loses no safety setting by a manifest that is included ${title}`, async () => {
      const include = manifest({}, []);
      const list = "include" in include && Array.isArray(include.include) ? [...include.include] : [];
      list.splice(position, 0, "./board/manifest.json");
      const build = await check({
        "manifest.json": { ...include, include: list },
        "board/manifest.json": { build: { SDKCONFIGPATH: "./sdkconfig", PARTITIONS_FILE: "./own.csv" } },
        "board/sdkconfig/sdkconfig.defaults": HOSTNAME,
        "board/own.csv": OWN_TABLE,
      });
      assert.equal(textsOf(build), "");
      assert.equal(build.settings.settings.get("LWIP_LOCAL_HOSTNAME")?.value, '"lamp"');
      assert.equal(build.settings.partitions, OWN_TABLE);
    }).timeout(2 * MINUTES);
  }

  it("is told of slots of two sizes, and of a release that switches the watchdog off", async () => {
    const build = await check(
      {
        "manifest.json": manifest({
          platforms: { "esp32/*": { build: { SDKCONFIGPATH: "./s" } }, esp32: { build: { SDKCONFIGPATH: "./s" } } },
          build: { PARTITIONS_FILE: "./own.csv" },
        }),
        "own.csv": UNEQUAL_TABLE,
        "s/sdkconfig.defaults": HOSTNAME,
        "s/sdkconfig.defaults.release": "CONFIG_TASK_WDT_PANIC=n\n",
      },
      { release: true },
    );
    const { findings } = build;
    assert.match(
      textsOf(build),
      /^sdkconfig: CONFIG_TASK_WDT_PANIC=n in .*release:1 contradicts CONFIG_ESP_TASK_WDT_PANIC=y/m,
    );
    assert.match(
      textsOf(build),
      /^partitions: .*"ota_0" of 0x180000 and "ota_1" of 0x1f0000 bytes are not of one size$/m,
    );
    assert.equal(findings.length, 2);
  }).timeout(2 * MINUTES);

  it("is told that it does not include the library", async () => {
    const build = await check({
      "manifest.json": { include: ["$(MODDABLE)/examples/manifest_base.json"], modules: { main: "./main" } },
    });
    assert.match(textsOf(build), /^library: .*does not include modules\/aws-fota/);
  }).timeout(2 * MINUTES);

  for (const [board, flash, kept] of [
    ["m5stack_fire", 16, "SPIRAM"],
    ["qtpyc3", 4, "ESP_CONSOLE_USB_SERIAL_JTAG"],
    ["xiao_esp32s3", 8, "SPIRAM_MODE_OCT"],
    ["qtpys2", 4, "ESP_CONSOLE_USB_CDC"],
  ] as const) {
    it(`keeps what ${board} is: ${flash} MB and ${kept}`, async () => {
      const build = await check({ "manifest.json": manifest() }, { platform: `esp32/${board}`, release: true });
      assert.equal(textsOf(build), "");
      assert.equal(build.settings.flashMegabytes, flash);
      assert.equal(build.settings.table, `for ${flash} MB`);
      assert.equal(build.settings.settings.get(kept)?.value, "y");
    }).timeout(2 * MINUTES);
  }

  describe("within mcconfig's own build", () => {
    /** The target before ESP-IDF is configured; what follows needs a compiler for the ESP32. */
    async function make(files: Files): Promise<{ code: number | null; out: string; err: string; project: string }> {
      write(files);
      const build = await generateBuild(options("esp32", false));
      const project = join(build.folder, "xsProj-esp32");
      const { status, stdout, stderr } = spawnSync(
        "make",
        ["-f", join(build.folder, "makefile"), join(project, "sdkconfig.fota")],
        { cwd: folder, env: toolchain.environment, encoding: "utf8" },
      );
      return { code: status, out: stdout, err: stderr, project };
    }

    it("gets the settings that the check has seen", async () => {
      const { code, out, err } = await make({ "manifest.json": manifest() });
      assert.equal(code, 0, err);
      assert.match(out, /^# aws-fota: version 4\.5\.6, flash of 4 MB, table for 4 MB, slots of 2031616 bytes$/m);
    }).timeout(2 * MINUTES);

    it("ends there, with the line that names both", async () => {
      const { code, err } = await make({
        "manifest.json": manifest({ build: { SDKCONFIGPATH: "./s" } }),
        "s/sdkconfig.defaults": "CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=y\n",
      });
      assert.notEqual(code, 0);
      assert.match(
        err,
        /^aws-fota: CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=y in .*:1 contradicts CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=n/m,
      );
    }).timeout(2 * MINUTES);
  });

  it("has each board of the SDK in the table of docs/device.md", () => {
    const documented = boardsIn(join(ROOT, "docs", "device.md"));
    assert.deepEqual(
      [...documented.keys()],
      boardPlatforms(toolchain).map((platform) => platform.replace(/^esp32\//, "")),
    );
  });
});
