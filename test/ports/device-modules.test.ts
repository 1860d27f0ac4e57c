import assert from "node:assert/strict";
import { VirtualClock } from "../../host-sim/board/index.js";
import { VirtualNetwork } from "../../host-sim/board/network/index.js";
import { programBoard } from "../support/program-board.js";

/** `attempt(() => ...)` gives "Class: message" of what was thrown, or the value. */
const ATTEMPT = `
function attempt(action) {
  try { return String(action()); } catch (error) { return error.name + ": " + error.message; }
}
function say(...parts) { trace(parts.join(" ") + "\\n"); }
`;

/** Lines that the program traces within `ms`, and the resets. */
async function run(text: string, ms = 1000, setup: Parameters<typeof programBoard>[1] = {}): Promise<string[]> {
  const bench = await programBoard(ATTEMPT + text, { maxBoots: 1, ...setup });
  const { clock } = setup;
  if (clock instanceof VirtualClock) clock.advance(ms);
  else bench.run(ms);
  return [...bench.lines, ...bench.resets];
}

describe("the ports of the device's own modules", () => {
  it("preference: refuses what NVS refuses", async () => {
    assert.deepEqual(
      await run(`
        say(attempt(() => Preference.set("d", "k".repeat(16), 1)));
        say(attempt(() => Preference.set("d".repeat(16), "k", 1)));
        say(attempt(() => Preference.set("d", "k", 1.5)));
        say(attempt(() => Preference.set("d", "k", new Uint8Array(1))));
        say(attempt(() => Preference.set("d", "k", "x".repeat(4000))));
        say(attempt(() => Preference.get("d", "k")));
        Preference.set("d", "k", "v"); Preference.set("d", "n", 7);
        say(Preference.keys("d").sort());
      `),
      [
        "Error: invalid key",
        "Error: invalid key",
        "Error: float unsupported",
        "Error: unsupported type",
        "Error: value too long",
        "undefined",
        "k,n",
      ],
    );
  });

  it("flash: opens the other slot, erases, writes and reads it", async () => {
    assert.deepEqual(
      await run(`
        const slot = flash.open({ path: "nextota" });
        const { blockLength, blocks, size } = slot.status();
        say(blockLength, blocks * blockLength === size);
        slot.eraseBlock(0);
        slot.write(Uint8Array.of(1, 2, 3, 4), 8);
        const into = new Uint8Array(6);
        slot.read(into, 7);
        say(into.join());
        say(new Uint8Array(slot.read(2, 9)).join());
        say([...flash].includes("otadata"));
        slot.close(); slot.close();
        say(attempt(() => slot.status()).split(":")[0]);
      `),
      ["4096 true", "255,1,2,3,4,255", "2,3", "true", "SyntaxError"],
    );
  });

  it("flash: refuses unknown partitions, modes, and writing what was opened to read", async () => {
    assert.deepEqual(
      await run(`
        say(attempt(() => flash.open({ path: "none" })));
        say(attempt(() => flash.open({ path: "nextota", mode: "w" })));
        const slot = flash.open({ path: "nextota", mode: "r" });
        say(attempt(() => slot.eraseBlock(0)));
        say(attempt(() => slot.write(new Uint8Array(4), 0)));
        say(attempt(() => slot.read(1, slot.status().size)).split(":")[0]);
        say(attempt(() => flash.open({ path: "nextota" }).write("text", 0)).split(":")[0]);
      `),
      [
        "Error: can't find partition",
        "Error: invalid mode",
        "Error: read-only",
        "Error: read-only",
        "Error",
        "TypeError",
      ],
    );
  });

  it("ffi: functions are own properties and take ArrayBuffers, not views", async () => {
    assert.deepEqual(
      await run(`
        say(Object.hasOwn(native, "fota_set_boot"), typeof native.fota_set_boot);
        say(attempt(() => native.fota_set_boot(new Uint8Array(4))).split(":")[0]);
        say(attempt(() => native.fota_set_boot(undefined)).split(":")[0]);
      `),
      ["true function", "TypeError", "SyntaxError"],
    );
  });

  it("config: is there, and frozen", async () => {
    assert.deepEqual(
      await run(`
        const config = require("mc/config").default;
        say(config.colour, Object.isFrozen(config));
      `),
      ["blue true"],
    );
  });

  it("wifi: tells of the connection, and of an address with it", async () => {
    assert.deepEqual(
      await run(`
        const WiFi = require("embedded:network/interface/wifi").default;
        const wifi = new WiFi({ onChanged(property) { say(property, this.connection >= 500, typeof this.address); } });
        say(wifi.connection <= 200);
        wifi.connect({ SSID: "network", password: "secret" });
        Timer.set(() => { wifi.close(); say(attempt(() => wifi.connection).split(":")[0]); }, 500);
      `),
      ["true", "connection true string", "SyntaxError"],
    );
  });

  it("sntp: tells the time once and sets nothing", async () => {
    const clock = new VirtualClock();
    assert.deepEqual(
      await run(
        `
        const SNTP = require("sntp").default;
        new SNTP({ host: "time.test" }, (message, value) => say(message, value > 1.7e9, Date.now() < 1e9));
      `,
        60_000,
        { clock, network: new VirtualNetwork({ clock }) },
      ),
      ["1 true true"],
    );
  });

  it("sntp: tries five times and gives up", async () => {
    assert.deepEqual(
      await run(
        `
        const SNTP = require("sntp").default;
        new SNTP({ host: "time.test" }, (message, value) => { say(message, value ?? ""); });
      `,
        60_000,
      ),
      ["2 ", "2 ", "2 ", "2 ", "-1 no response from SNTP server"],
    );
  });

  it("instrumentation: maps what the board measures, and nothing else", async () => {
    assert.deepEqual(
      await run(`
        const Instrumentation = require("instrumentation").default;
        Timer.set(() => {}, 500);
        say(Instrumentation.get(Instrumentation.map("Timers")), Instrumentation.map("Frames Drawn"));
      `),
      ["1 "],
    );
  });

  describe("as on the device, the end of the machine is", () => {
    const ends = (what: string, text: string, expected: RegExp): void => {
      it(what, async () => {
        const lines = await run(text, 120_000);
        assert.match(lines.join("\n"), expected);
      });
    };

    ends("a module that no manifest has", `require("embedded:none");`, /panic: .*module not found: embedded:none/);
    ends("a timer with swapped arguments", `Timer.set(10, () => {});`, /panic: .*TypeError/);
    ends(
      "a signature with s = 0",
      `const ECDSA = require("ecdsa").default, ECPoint = require("ecp").default, Curve = require("curve").default;
       const point = new Uint8Array(65); point[0] = 4;
       new ECDSA(ECPoint.fromOctetString(point), new Curve("secp256r1"), false).verify(new Uint8Array(32), new Uint8Array(64));`,
      /task-watchdog/,
    );
    ends(
      "an MQTT client closed while its name is being resolved",
      `const MQTTClient = require("embedded:network/mqtt/client").default;
       const Resolver = require("embedded:network/dns/resolver/udp").default;
       const client = new MQTTClient({ host: "10.0.0.9", dns: { io: Resolver, servers: [], socket: {} }, socket: {} });
       client.close();`,
      /panic: .*TypeError/,
    );
    ends("state in a class of a preloaded module", `"use strict"; Timer.lastUsed = 1;`, /panic: .*TypeError/);
  });
});
