import assert from "node:assert/strict";
import { partitionTable } from "../../../tools/settings/partition-table.mjs";
import { unsafeSettings } from "../../../tools/settings/safety.mjs";
import { BOARD, type Files, problemsOf, settingsInMemory, valueIn } from "./build-in-memory.js";

const FILE = "sdkconfig.defaults";
const HOSTNAME = 'CONFIG_LWIP_LOCAL_HOSTNAME="lamp"\n';
const UNEQUAL = partitionTable(4, { mods: false, files: undefined }).replace(
  "0x210000, 0x1f0000",
  "0x210000, 0x1e0000",
);

/** A board with an sdkconfig and a table of its own. */
const board = (settings: string, more: Files = {}): Files => ({
  [`${BOARD}/manifest.json`]: {
    build: { SDKCONFIGPATH: "./sdkconfig", PARTITIONS_FILE_FOR_TARGET: "./sdkconfig/partitions.csv" },
  },
  [`${BOARD}/sdkconfig/${FILE}`]: settings,
  [`${BOARD}/sdkconfig/partitions.csv`]: "nvs, data, nvs, 0x9000, 0x6000\nfactory, app, factory, 0x10000, 0xFF0000\n",
  ...more,
});

describe("the settings of a build", () => {
  it("are safe without a word from the application", () => {
    const build = settingsInMemory();
    assert.deepEqual(problemsOf(build), []);
    assert.deepEqual(unsafeSettings(build.settings), []);
    assert.equal(valueIn(build, "BOOTLOADER_SKIP_VALIDATE_ALWAYS"), "n");
    assert.match(build.sdkconfig, /^CONFIG_APP_PROJECT_VER="1\.2\.3"$/m);
    assert.match(build.sdkconfig, /^CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="fota-partitions\.csv"$/m);
    assert.equal(build.sdkconfig.match(/^CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=/gm)?.length, 1);
  });

  describe("of the application", () => {
    for (const [title, files, included] of [
      ["in its own manifest", { "/app/manifest.json": { build: { SDKCONFIGPATH: "./own" } } }, []],
      ["without the dot in front", { "/app/manifest.json": { build: { SDKCONFIGPATH: "own" } } }, []],
      [
        "in the part of a platform",
        { "/app/manifest.json": { platforms: { esp32: { build: { SDKCONFIGPATH: "./own" } } } } },
        [],
      ],
      [
        "in the part of any board",
        { "/app/manifest.json": { platforms: { "...": { build: { SDKCONFIGPATH: "./own" } } } } },
        [],
      ],
      [
        "in a manifest that it includes",
        { "/app/parts/manifest.json": { build: { SDKCONFIGPATH: "../own" } } },
        ["/app/parts/manifest.json"],
      ],
      [
        "in one that lies elsewhere",
        { "/shared/manifest.json": { build: { SDKCONFIGPATH: "/app/own" } } },
        ["/shared/manifest.json"],
      ],
      [
        "by the sign for what the shell may say",
        { "/app/manifest.json": { build: { "SDKCONFIGPATH ?=": "./own" } } },
        [],
      ],
    ] as const) {
      it(`are laid over the library's, ${title}`, () => {
        const build = settingsInMemory({ files: { ...files, [`/app/own/${FILE}`]: HOSTNAME }, included });
        assert.deepEqual(problemsOf(build), []);
        assert.equal(valueIn(build, "LWIP_LOCAL_HOSTNAME"), '"lamp"');
        assert.deepEqual(unsafeSettings(build.settings), []);
        assert.deepEqual(build.files.at(-1), `/app/own/${FILE}`);
      });
    }

    it("are found through a variable of the build and of the shell", () => {
      for (const [path, environment] of [
        ["$(OWN)/own", {}],
        ["$(HOME_OF_IT)/own", { HOME_OF_IT: "/app/with blank" }],
      ] as const) {
        const files = {
          "/app/manifest.json": { build: { SDKCONFIGPATH: path } },
          [`/app/with blank/own/${FILE}`]: HOSTNAME,
        };
        assert.equal(valueIn(settingsInMemory({ files, environment }), "LWIP_LOCAL_HOSTNAME"), '"lamp"');
      }
    });

    it("all count where several manifests have some, its own manifest last, whatever the order of includes", () => {
      const files = {
        "/app/manifest.json": { build: { SDKCONFIGPATH: "./own" } },
        [`/app/own/${FILE}`]: "CONFIG_A=1\n",
        "/one/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
        [`/one/s/${FILE}`]: "CONFIG_A=2\nCONFIG_B=2\nCONFIG_C=2\n",
        "/two/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
        [`/two/s/${FILE}`]: "CONFIG_A=3\nCONFIG_B=3\n",
      };
      const values = (included: string[]) => {
        const build = settingsInMemory({ files, included });
        return ["A", "B", "C"].map((name) => valueIn(build, name)).join();
      };
      assert.equal(values(["/one/manifest.json", "/two/manifest.json"]), "1,3,2");
      assert.equal(values(["/two/manifest.json", "/one/manifest.json"]), "1,2,2");
    });

    it("come out of the files for the chip, for a release and for an instrumented release", () => {
      const files = {
        "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
        [`/app/s/${FILE}`]: "CONFIG_A=0\n",
        [`/app/s/${FILE}.esp32c3`]: "CONFIG_A=1\n",
        [`/app/s/${FILE}.release`]: "CONFIG_A=2\n",
        "/app/s/sdkconfig.inst": "CONFIG_A=3\n",
      };
      const value = (options: object) => valueIn(settingsInMemory({ files, ...options }), "A");
      assert.equal(value({}), "0");
      assert.equal(value({ chip: "esp32c3" }), "1");
      assert.equal(value({ mode: "release" }), "2");
      assert.equal(value({ mode: "instrumented" }), "3");
    });

    it("come from a folder that is there: no file in it is said", () => {
      const files = { "/app/manifest.json": { build: { SDKCONFIGPATH: "./sdkconfg" } } };
      assert.deepEqual(problemsOf(settingsInMemory({ files })), [
        "sdkconfig: SDKCONFIGPATH of /app/manifest.json is /app/sdkconfg, where no sdkconfig.defaults is",
      ]);
    });

    it("may be for the release alone", () => {
      const files = {
        "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
        [`/app/s/${FILE}.release`]: "CONFIG_A=2\n",
      };
      assert.deepEqual(problemsOf(settingsInMemory({ files })), []);
    });

    it("end the build with a line that nobody would read", () => {
      const files = {
        "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
        [`/app/s/${FILE}`]: "\nCONFIG_ESP_TASK_WDT_EN = n\n",
      };
      assert.deepEqual(problemsOf(settingsInMemory({ files })), [
        `sdkconfig: /app/s/${FILE}:2 is no setting, ESP-IDF would pass over it: CONFIG_ESP_TASK_WDT_EN = n`,
      ]);
    });

    for (const [title, file, mode, chip] of [
      ["the everyday file", FILE, "debug", "esp32"],
      ["the file for releases", `${FILE}.release`, "release", "esp32"],
      ["the file for the chip", `${FILE}.esp32s3`, "debug", "esp32s3"],
      ["the file for instrumented releases", "sdkconfig.inst", "instrumented", "esp32"],
    ] as const) {
      it(`end the build where ${title} contradicts a safety setting, with a line that names both`, () => {
        const files = {
          "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
          [`/app/s/${FILE}`]: "CONFIG_A=y\n",
          [`/app/s/${file}`]: "# the field wants it\nCONFIG_ESP_TASK_WDT_PANIC=n\n",
        };
        const build = settingsInMemory({ files, mode, chip });
        assert.deepEqual(problemsOf(build), [
          `sdkconfig: CONFIG_ESP_TASK_WDT_PANIC=n in /app/s/${file}:2 contradicts CONFIG_ESP_TASK_WDT_PANIC=y of aws-fota: a hang must become a reset, or the old image never returns`,
        ]);
      });
    }

    it("keep Bluetooth as the application's defines have it, which mcconfig decides last", () => {
      const options = {
        files: {
          "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
          [`/app/s/${FILE}`]: "CONFIG_BT_ENABLED=n\nCONFIG_BT_NIMBLE_MAX_CONNECTIONS=3\n",
        },
        generated: "CONFIG_BT_ENABLED=y\nCONFIG_ESPTOOLPY_FLASHSIZE_4MB=y\n",
      };
      const on = settingsInMemory({ ...options, defines: { ble: { client: true } } });
      assert.equal(valueIn(on, "BT_ENABLED"), "y");
      assert.equal(valueIn(on, "BT_NIMBLE_MAX_CONNECTIONS"), "3");
      assert.equal(valueIn(settingsInMemory(options), "BT_ENABLED"), "n");
    });
  });

  describe("of the board", () => {
    it("are kept: PSRAM, flash, console", () => {
      const files = board(
        "CONFIG_SPIRAM=y\nCONFIG_ESPTOOLPY_FLASHSIZE_4MB=n\nCONFIG_ESPTOOLPY_FLASHSIZE_16MB=y\nCONFIG_ESP_CONSOLE_USB_SERIAL_JTAG=y\n",
      );
      const build = settingsInMemory({ files, board: "my_board" });
      assert.deepEqual(problemsOf(build), []);
      assert.equal(valueIn(build, "SPIRAM"), "y");
      assert.equal(valueIn(build, "ESP_CONSOLE_USB_SERIAL_JTAG"), "y");
      assert.deepEqual([build.flashMegabytes, build.table], [16, "for 16 MB"]);
    });

    it("stay beside the application's, which have the last word", () => {
      const files = {
        ...board("CONFIG_SPIRAM=y\nCONFIG_ESPTOOLPY_FLASHSIZE_16MB=y\nCONFIG_A=1\n"),
        "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
        [`/app/s/${FILE}`]: "CONFIG_A=2\nCONFIG_ESPTOOLPY_FLASHSIZE_4MB=y\n",
      };
      const build = settingsInMemory({ files, board: "my_board" });
      assert.deepEqual([valueIn(build, "SPIRAM"), valueIn(build, "A"), build.flashMegabytes], ["y", "2", 4]);
    });

    it("do not switch the watchdog off, nor wait for a debugger, and that is no fault of the application", () => {
      const files = board("", {
        [`${BOARD}/sdkconfig/${FILE}.release`]:
          "CONFIG_ESP_TASK_WDT_EN=n\nCONFIG_ESP_TASK_WDT_TIMEOUT_S=5\nCONFIG_ESP_SYSTEM_PANIC_GDBSTUB=y\n",
      });
      const build = settingsInMemory({ files, board: "my_board", mode: "release" });
      assert.deepEqual(problemsOf(build), []);
      assert.equal(valueIn(build, "ESP_TASK_WDT_TIMEOUT_S"), "15");
    });

    it("are overruled in a folder outside the SDK, too, as with -p esp32:FOLDER", () => {
      const files = {
        "/boards/mine/manifest.json": { build: { SDKCONFIGPATH: "./sdkconfig" } },
        [`/boards/mine/sdkconfig/${FILE}`]: "CONFIG_ESP_TASK_WDT_EN=n\nCONFIG_SPIRAM=y\n",
      };
      const build = settingsInMemory({ files, board: "mine", boardFolder: "/boards/mine" });
      assert.deepEqual(problemsOf(build), []);
      assert.deepEqual([valueIn(build, "SPIRAM"), valueIn(build, "ESP_TASK_WDT_EN")], ["y", "y"]);
    });

    it("are the application's where an example of the SDK is the application", () => {
      const main = "/sdk/examples/lamp/manifest.json";
      const files = {
        [main]: { build: { SDKCONFIGPATH: "./s" } },
        [`/sdk/examples/lamp/s/${FILE}`]: "CONFIG_ESP_TASK_WDT_EN=n\n",
      };
      assert.match(problemsOf(settingsInMemory({ files, main })).join(), /contradicts/);
    });
  });
});

describe("the version of a build", () => {
  it("is that of the application's config, as mcconfig has it from manifest or command line", () => {
    const build = settingsInMemory({ config: { version: "2.0.0-beta.1" } });
    assert.equal(build.version, "2.0.0-beta.1");
    assert.match(build.sdkconfig, /^CONFIG_APP_PROJECT_VER="2\.0\.0-beta\.1"$/m);
  });

  const withSdkconfig = (line: string, config: object) =>
    problemsOf(
      settingsInMemory({
        config,
        files: { "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } }, [`/app/s/${FILE}`]: `${line}\n` },
      }),
    );

  it("must be there", () => {
    assert.deepEqual(problemsOf(settingsInMemory({ config: {} })), [
      'version: the application has no version; say "config": { "version": "1.0.0" } in its manifest.json, or version=1.0.0 on the mcconfig line',
    ]);
  });

  it("stands in one place: one of the sdkconfig alone, or another one, ends the build", () => {
    const line = 'CONFIG_APP_PROJECT_VER="1.0.0"';
    assert.match(
      withSdkconfig(line, {}).join(),
      /^version: CONFIG_APP_PROJECT_VER="1\.0\.0" in \/app\/s\/sdkconfig\.defaults:1 is not where/,
    );
    assert.match(
      withSdkconfig(line, { version: "1.0.1" }).join(),
      /"1\.0\.0" in .*:1 contradicts "version": "1\.0\.1"/,
    );
    assert.deepEqual(withSdkconfig(line, { version: "1.0.0" }), []);
  });

  for (const version of ["", "1.0 beta", '1"', "1;2", "x".repeat(32), "1.0.0\u00e4", 1, null, { major: 1 }]) {
    it(`is no ${JSON.stringify(version)}`, () => {
      assert.match(
        problemsOf(settingsInMemory({ config: { version } })).join(),
        /^version: "version": .* is no text of 1 to 31/,
      );
    });
  }
});

describe("the table of a build", () => {
  const flash = (megabytes: number) => `CONFIG_ESPTOOLPY_FLASHSIZE_${megabytes}MB=y\n`;
  const onFlash = (megabytes: number, options: object = {}) =>
    settingsInMemory({ files: board(flash(megabytes)), board: "my_board", ...options });

  for (const megabytes of [4, 8, 16]) {
    it(`is the library's for a board of ${megabytes} MB`, () => {
      const build = onFlash(megabytes);
      assert.deepEqual(problemsOf(build), []);
      assert.equal(build.partitions, partitionTable(megabytes, { mods: false, files: undefined }));
    });
  }

  it("is that for 16 MB on a larger flash", () => {
    const { table, flashMegabytes, problems } = onFlash(32);
    assert.deepEqual([table, flashMegabytes, problems.length], ["for 16 MB", 32, 0]);
  });

  it("does not exist for 2 MB, which ends the build with a line that says why", () => {
    assert.deepEqual(problemsOf(onFlash(2)), [
      `partitions: a flash of 2 MB (CONFIG_ESPTOOLPY_FLASHSIZE_2MB=y in ${BOARD}/sdkconfig/sdkconfig.defaults:1) has no room for two slots: an update over the air needs 4 MB`,
    ]);
  });

  it("takes ESP-IDF's 2 MB where nothing is said of the flash", () => {
    assert.match(
      problemsOf(settingsInMemory({ generated: "CONFIG_PARTITION_TABLE_CUSTOM=y\n" })).join(),
      /a flash of 2 MB has no room/,
    );
  });

  it("has a place for what the application's defines ask for", () => {
    const { table, partitions } = onFlash(8, { defines: { XS_MODS: 1, file: { partition: "#storage" } } });
    assert.equal(table, "for 8 MB with place for mods and files");
    assert.match(partitions, /^xs, +0x40, +1, /m);
    assert.match(partitions, /^storage, +data, +spiffs, /m);
    assert.match(onFlash(8, { defines: { xs: { mods: true } } }).table, /place for mods$/);
  });

  describe("of the application", () => {
    const given = (csv: string | undefined, options: object = {}) =>
      settingsInMemory({
        files: {
          "/app/manifest.json": { build: { PARTITIONS_FILE: "./own.csv" } },
          ...(csv === undefined ? {} : { "/app/own.csv": csv }),
        },
        ...options,
      });

    it("is taken when it is sound, also beside a board's", () => {
      const csv = partitionTable(4, { mods: false, files: "pictures" });
      assert.equal(given(csv).partitions, csv);
      const files = {
        ...board(flash(4)),
        "/app/manifest.json": { build: { PARTITIONS_FILE: "./own.csv" } },
        "/app/own.csv": csv,
      };
      const build = settingsInMemory({ files, board: "my_board" });
      assert.deepEqual([build.partitions, build.table, problemsOf(build).length], [csv, "the application's", 0]);
    });

    it("ends the build when its slots differ, with a line that names both", () => {
      assert.deepEqual(problemsOf(given(UNEQUAL)), [
        'partitions: PARTITIONS_FILE /app/own.csv: "ota_0" of 0x1f0000 and "ota_1" of 0x1e0000 bytes are not of one size',
      ]);
    });

    it("ends the build when it is for a larger flash than the board's", () => {
      assert.match(
        problemsOf(given(partitionTable(8, { mods: false, files: undefined }))).join(),
        /beyond the flash of 4 MB/,
      );
    });

    it("ends the build when it is not there", () => {
      assert.deepEqual(problemsOf(given(undefined)), [
        "partitions: PARTITIONS_FILE of /app/manifest.json is /app/own.csv, which cannot be read",
      ]);
    });

    it("gives a note, and no more, where it lacks a place for mods", () => {
      const build = given(partitionTable(4, { mods: false, files: undefined }), { defines: { XS_MODS: 1 } });
      assert.deepEqual([problemsOf(build).length, build.notes.length], [0, 1]);
    });

    it("is not given by a setting of ESP-IDF", () => {
      const files = {
        "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
        [`/app/s/${FILE}`]: 'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="mine.csv"\n',
      };
      assert.match(problemsOf(settingsInMemory({ files })).join(), /"mine\.csv" in .*:1 is not how a table is given/);
    });

    it("is needed where the table's own place is another", () => {
      const files = {
        "/app/manifest.json": { build: { SDKCONFIGPATH: "./s" } },
        [`/app/s/${FILE}`]: "CONFIG_PARTITION_TABLE_OFFSET=0xf000\n",
      };
      assert.match(problemsOf(settingsInMemory({ files })).join(), /does not go with CONFIG_PARTITION_TABLE_OFFSET/);
    });
  });

  it("is the board's own where that takes updates, and the library's where it does not", () => {
    const csv = partitionTable(4, { mods: true, files: undefined });
    const files = (table: string) => board(flash(4), { [`${BOARD}/sdkconfig/partitions.csv`]: table });
    assert.equal(settingsInMemory({ files: files(csv), board: "my_board" }).table, "the board's");
    assert.equal(settingsInMemory({ files: files(UNEQUAL), board: "my_board" }).table, "for 4 MB");
  });
});
