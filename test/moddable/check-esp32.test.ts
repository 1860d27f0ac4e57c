import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkEsp32 } from "./esp32/checked-build.js";
import { generateBuild, linkBuild } from "./esp32/device-build.js";
import {
  type Expectations,
  type FindingKind,
  linkFindings,
  preloadFindings,
  settingsFindings,
} from "./esp32/findings.js";
import { findToolchain, type Toolchain } from "./esp32/toolchain.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MINUTES = 60_000;

const TABLE = `nvs,      data, nvs,   0x9000,   0x6000,
otadata,  data, ota,   0xf000,   0x2000,
ota_0,    app,  ota_0, 0x20000,  0x1f0000,
ota_1,    app,  ota_1, 0x210000, 0x1f0000,
`;

/** The version stands beside them in the manifest; what a board must have comes from the library. */
const SETTINGS = 'CONFIG_LWIP_LOCAL_HOSTNAME="lamp"\n';

const FRAGMENT = join(ROOT, "tools", "settings", "make.esp32.mk");

type Application = { [path: string]: string };

/** A sound application; faults are made by changing a file of it. */
function soundApplication(): Application {
  const manifest = {
    build: { MAKE_FRAGMENT: FRAGMENT, PARTITIONS_FILE: "./partitions.csv", SDKCONFIGPATH: "./sdkconfig" },
    config: { version: "3.2.1" },
    include: ["$(MODDABLE)/examples/manifest_base.json"],
    modules: { main: "./main", "library/tool": "./library/tool" },
    preload: ["library/tool"],
    ffi: { sources: ["./native.c"], functions: { native_call: { arguments: ["int32_t"], returns: "int32_t" } } },
  };
  return {
    "manifest.json": JSON.stringify(manifest),
    "main.ts":
      'import { tool } from "library/tool";\nimport FFI from "mc/ffi";\ntrace(String(tool(1)), new FFI().native_call(2));\n',
    "library/tool.ts": "const TABLE = Object.freeze([1, 2]);\nexport const tool = (index: number) => TABLE[index];\n",
    "native.c": "#include <stdint.h>\n\nint32_t native_call(int32_t which)\n{\n\treturn which;\n}\n",
    "partitions.csv": TABLE,
    "sdkconfig/sdkconfig.defaults": SETTINGS,
  };
}

const replaced = (file: string, from: string, to: string) => (application: Application) => {
  const text = application[file] ?? "";
  assert.ok(text.includes(from), `${file} has no ${from}`);
  application[file] = text.replace(from, to);
};

const FAULTS: readonly [title: string, break_: (application: Application) => void, kind: FindingKind, text: RegExp][] =
  [
    [
      "a module that is not preloaded",
      replaced("manifest.json", '"preload":["library/tool"]', '"preload":[]'),
      "not-preloaded",
      /^library\/tool /,
    ],
    [
      "a preload list with a wildcard, which TypeScript modules never match",
      replaced("manifest.json", '"preload":["library/tool"]', '"preload":["library/*"]'),
      "not-preloaded",
      /^library\/tool /,
    ],
    [
      "mutable state in a preloaded module",
      replaced("library/tool.ts", "Object.freeze([1, 2])", "Object.freeze([[1], [2]])"),
      "mutable",
      /library\/tool: .*not frozen/,
    ],
    [
      "an import whose typings exist and whose module does not",
      replaced("main.ts", "trace(", 'import Net from "net";\ntrace(Net.get("MAC"), '),
      "missing-module",
      /^main imports net,/,
    ],
    [
      "a relative import that the specifiers do not follow",
      (application) => {
        replaced("manifest.json", '"main":"./main"', '"main":"./main","helper":"./library/helper"')(application);
        application["library/helper.ts"] = "export const help = 1;\n";
        replaced(
          "library/tool.ts",
          "const TABLE",
          'import { help } from "./helper.js";\nexport const h = () => help;\nconst TABLE',
        )(application);
      },
      "build",
      /module "\.\/helper\.js" not found/,
    ],
    [
      "another file in the place of one that must stand there",
      (application) => {
        replaced("manifest.json", '"library/tool":"./library/tool"', '"library/tool":"./other/tool"')(application);
        application["other/tool.ts"] = application["library/tool.ts"] ?? "";
      },
      "displaced",
      /^library\/tool is .*other\/tool\.ts, not .*library\/tool\.ts$/,
    ],
    [
      "two files for one specifier",
      (application) => {
        replaced(
          "manifest.json",
          '"library/tool":"./library/tool"',
          '"library/tool":["./library/tool","./other/tool"]',
        )(application);
        application["other/tool.js"] = "export const tool = (index) => index;\n";
      },
      "displaced",
      /^library\/tool is 2 files/,
    ],
    ["a type error", replaced("library/tool.ts", "index: number", "index: nothing"), "build", /nothing/],
    ["a syntax error", replaced("library/tool.ts", "export", "exprot"), "build", /tool\.ts/],
    [
      "code at module level that needs the device",
      replaced("library/tool.ts", "Object.freeze([1, 2])", "Object.freeze([trace.length, missing()])"),
      "build",
      /missing/,
    ],
    [
      "a library function newer than ES2022",
      replaced("library/tool.ts", "TABLE[index]", "TABLE.toSorted()[index]"),
      "foreign-library",
      /toSorted/,
    ],
    [
      "hexadecimal text by a function that the SDK's typings know",
      replaced("library/tool.ts", "TABLE[index]", "new Uint8Array(index).toHex()"),
      "foreign-library",
      /newer than ES2022/,
    ],
    [
      "a setting that takes the way back",
      replaced("sdkconfig/sdkconfig.defaults", SETTINGS, "CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=n\n"),
      "sdkconfig",
      /ROLLBACK_ENABLE=n in .*sdkconfig\.defaults:1 contradicts CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y/,
    ],
    [
      "a version of the sdkconfig beside the application's",
      replaced("sdkconfig/sdkconfig.defaults", SETTINGS, 'CONFIG_APP_PROJECT_VER="3.2.2"\n'),
      "version",
      /"3\.2\.2".*"3\.2\.1"/,
    ],
    [
      "a make fragment that lays nothing over",
      replaced("manifest.json", `"MAKE_FRAGMENT":"${FRAGMENT}",`, ""),
      "fragment",
      /the library's settings are not in force/,
    ],
    [
      "slots of two sizes",
      replaced("partitions.csv", "0x210000, 0x1f0000", "0x210000, 0x1e0000"),
      "partitions",
      /"ota_0" of 0x1f0000 and "ota_1" of 0x1e0000/,
    ],
    [
      "a native function that the manifest does not bind",
      replaced("manifest.json", '"native_call":', '"another_call":'),
      "native",
      /native_call is not bound/,
    ],
    [
      "a native function without a definition",
      replaced("native.c", "native_call", "renamed_call"),
      "native",
      /no C source .* native_call/,
    ],
    [
      "a native function of other types",
      replaced("native.c", "int32_t native_call(int32_t which)", "char *native_call(int32_t which)"),
      "native",
      /bound as int32_t\(int32_t\) and defined as char\*/,
    ],
  ];

describe("the check of the device build (needs the Moddable SDK and ESP-IDF: MODDABLE, IDF_PATH, mcconfig)", () => {
  let toolchain: Toolchain;
  let folder: string;

  before(function () {
    const search = findToolchain();
    if (!search.found) return this.skip();
    toolchain = search.toolchain;
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "check-esp32-"));
  });

  // The builds of all boards are thousands of files.
  afterEach(function () {
    this.timeout(5 * MINUTES);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function findingsOf(application: Application) {
    const project = join(folder, "application");
    for (const [path, text] of Object.entries(application)) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    }
    const expected: Expectations = {
      ours: [project],
      fragment: FRAGMENT,
      nativeFunctions: ["native_call"],
      mapped: new Map([["library/tool", join(project, "library", "tool.ts")]]),
    };
    const manifest = join(project, "manifest.json");
    const build = await generateBuild({ toolchain, manifest, platform: "esp32", output: join(folder, "build") });
    const link = await linkBuild(build);
    return [
      ...settingsFindings(build, expected),
      ...preloadFindings(build, expected),
      ...(await linkFindings(build, link, expected)),
    ];
  }

  it("finds nothing in a sound application", async () => {
    assert.deepEqual(await findingsOf(soundApplication()), []);
  }).timeout(2 * MINUTES);

  for (const [title, break_, kind, text] of FAULTS) {
    it(`finds ${title}`, async () => {
      const application = soundApplication();
      break_(application);
      const findings = await findingsOf(application);
      assert.ok(
        findings.some((finding) => finding.kind === kind && text.test(finding.text)),
        JSON.stringify(findings, null, 2),
      );
    }).timeout(2 * MINUTES);
  }

  it("finds nothing in the firmware, on a plain ESP32 and on boards with settings of their own", async () => {
    const builds = await checkEsp32(toolchain, join(folder, "firmware"));
    assert.deepEqual(
      builds.filter(({ findings }) => findings.length > 0),
      [],
    );
    assert.ok(builds.every(({ modules }) => modules > 150));
  }).timeout(10 * MINUTES);
});

describe("check:esp32 without the SDK", () => {
  const missing: readonly [title: string, environment: NodeJS.ProcessEnv, text: RegExp][] = [
    ["MODDABLE", { MODDABLE: "", IDF_PATH: ROOT }, /: MODDABLE is not set\n$/],
    ["the folder that MODDABLE names", { MODDABLE: "/none", IDF_PATH: ROOT }, /: MODDABLE names no folder: \/none\n$/],
    ["IDF_PATH", { MODDABLE: ROOT, IDF_PATH: "" }, /: IDF_PATH is not set\n$/],
    ["mcconfig", { MODDABLE: ROOT, IDF_PATH: ROOT, PATH: dirname(process.execPath) }, /: mcconfig is not on PATH\n$/],
  ];
  for (const [title, environment, text] of missing) {
    it(`says in one line that it needs ${title}, and exits with 2`, () => {
      const program = join(ROOT, "test", "moddable", "check-esp32.ts");
      const { status, stderr, stdout } = spawnSync(process.execPath, [...process.execArgv, program], {
        env: { ...process.env, ...environment },
        encoding: "utf8",
      });
      assert.equal(status, 2, stderr);
      assert.match(stderr, text);
      assert.equal(stderr.split("\n").length, 2);
      assert.equal(stdout, "");
    });
  }
});
