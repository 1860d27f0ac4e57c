import assert from "node:assert/strict";
import { issueAuthority, issueDevice } from "local-aws-iot/pki";
import type { StoredValue } from "../../host-sim/board/index.js";
import { FIRST, MINUTE, type Scenario, SECOND, scenario } from "./support/scenario.js";

/** Names of the settings in NVS, and what an earlier firmware may have left under them. */
const SETTINGS = [
  "endpoint",
  "port",
  "thingName",
  "certificate",
  "key",
  "ssid",
  "password",
  "sntp",
  "allowedHosts",
  "dnsServers",
];

const resetsOf = (run: Scenario) =>
  run.world.events.flatMap((event) => (event.type === "reset" ? [`${event.reason} ${event.message ?? ""}`] : []));

function refuse(): never {
  throw new Error("nvs set fail");
}

/** From now on NVS takes nothing, as one that is full or worn out. Returns what undoes it. */
function readOnly({ store }: Scenario): () => void {
  const { set, check } = store;
  store.set = refuse;
  store.check = refuse;
  return () => {
    store.set = set;
    store.check = check;
  };
}

/** The board runs, has not been reset, and the firmware has said this. */
function says(run: Scenario, ...texts: RegExp[]): void {
  assert.deepEqual(resetsOf(run), []);
  assert.equal(run.world.board.state, "running");
  for (const text of texts) {
    assert.ok(
      run.world.trace.some((line) => text.test(line)),
      `${text}\n${run.told()}`,
    );
  }
}

describe("NVS that takes nothing", () => {
  it("at the first start: the firmware runs on what it carries, says what is not kept, and goes to work", () =>
    scenario({ off: true }, async (run) => {
      readOnly(run);
      run.world.board.powerOn();
      run.pass(5 * MINUTE);
      says(run, /NVS does not keep "thingName" \(nvs set fail\)/, /NVS does not keep "key"/, /runs in ota_0/);
      assert.equal(run.world.board.sockets.size, 1, "connected");
      assert.equal(run.world.trace.filter((line) => line.includes("does not keep")).length, 5, run.told());
    }));

  it("when an update begins: REJECTED with record-store-failed, nothing is written, and a later one succeeds", () =>
    scenario({}, async (run) => {
      run.untilTraced("mqtt: connected");
      const heal = readOnly(run);
      await run.publish();
      run.endsWith("REJECTED", "record-store-failed");
      says(run);
      heal();
      await run.publish({ jobId: "job-2" });
      run.succeeds(SECOND, "job-2");
      await run.intact();
    }));

  for (const state of ["downloading", "verifying", "installed"] as const) {
    it(`from ${state} on: the job ends, and the board runs a whole image`, () =>
      scenario({}, async (run) => {
        await run.publish();
        run.untilState(state);
        const heal = readOnly(run);
        const status = run.end();
        assert.ok(status === "SUCCEEDED" || run.details().code === "record-store-failed", `${status}\n${run.told()}`);
        assert.equal(run.version, status === "SUCCEEDED" ? SECOND : FIRST);
        assert.ok(resetsOf(run).every((reset) => reset.startsWith("software")));
        heal();
        await run.publish({ jobId: "job-2", version: "1.0.3" });
        run.succeeds("1.0.3", "job-2");
        await run.intact({ repeats: 1 });
      }));
  }

  it("from the trial on, with a loss of power in it: the trial is not repeated for ever", () =>
    scenario({ config: {} }, async (run) => {
      await run.publish({ image: await run.image(SECOND, { trial: "silent" }) });
      run.untilState("testing");
      readOnly(run);
      for (let trial = 1; trial <= 3; trial += 1) {
        run.world.board.powerCut();
        run.world.board.powerOn();
        run.pass(10 * MINUTE);
      }
      assert.equal(run.end(), "FAILED");
      assert.equal(run.version, FIRST);
      assert.ok(resetsOf(run).every((reset) => reset.startsWith("software")));
    }));

  it("keeps the record that stands there when its successor finds no room", () =>
    scenario({}, async (run) => {
      await run.publish();
      run.untilLoaded(100_000);
      const before = run.record;
      assert.match(before, /"offset":65536/);
      readOnly(run);
      run.pass(30_000);
      assert.equal(run.record, before);
    }));
});

describe("NVS that cannot be read, or holds anything", () => {
  it("throws at every read: the firmware runs on what it carries", () =>
    scenario({ off: true }, async (run) => {
      run.store.get = () => {
        throw new Error("nvs get fail");
      };
      run.world.board.powerOn();
      run.pass(5 * MINUTE);
      says(run, /"thingName" cannot be read from NVS: nvs get fail/, /record-damaged/, /runs in ota_0/);
      assert.equal(run.world.board.sockets.size, 1, "connected");
    }));

  for (const value of [7, true, Uint8Array.of(1, 2, 3), "\u00e9{", "parts:a:9:9999", " "] satisfies StoredValue[]) {
    const what = value instanceof Uint8Array ? "bytes" : JSON.stringify(value);
    it(`holds ${what} under every name: the firmware runs on what it carries`, () =>
      scenario({ off: true }, async (run) => {
        for (const name of SETTINGS) run.store.set("device", name, value);
        for (const name of ["record", "record2"]) run.store.set("aws-fota", name, value);
        run.world.board.powerOn();
        run.pass(5 * MINUTE);
        says(run, /runs in ota_0/);
      }));
    it(`holds ${what} under every name, and the firmware carries nothing: it says what is wrong and runs on`, () =>
      scenario(
        {
          off: true,
          app: "sample",
          config: { endpoint: "", thingName: "", port: "", ssid: "" },
          resources: { "device-certificate.der": new Uint8Array(0), "device-key.der": new Uint8Array(0) },
        },
        async (run) => {
          for (const name of SETTINGS) run.store.set("device", name, value);
          run.world.board.powerOn();
          run.pass(5 * MINUTE);
          says(run);
        },
      ));
  }
});

describe("a setting that is missing or of no use", () => {
  const authority = issueAuthority("another");
  const another = authority.then(issueDevice);
  const text = (content: string) => new TextEncoder().encode(content);

  for (const [what, config, message] of [
    ["a thing name that AWS IoT does not take", { thingName: "my board" }, /config: "thingName" is not 1 to 128 /],
    ["no thing name", { thingName: "" }, /"thingName" is neither in the firmware nor in NVS/],
    ["no endpoint", { endpoint: "" }, /"endpoint" is neither in the firmware nor in NVS/],
    ["a signing key that is not there", { signingKeys: "2026,2027" }, /"signingKeys" names 2026, .* no 2026\.der/],
    ["a list of hosts with an entry that is none", { allowedHosts: "h.example *" }, /allowedHosts has an entry that /],
    ["a list of hosts that is no text", { allowedHosts: 5 }, /config: "allowedHosts" is not a text of host names/],
  ] as const) {
    it(`${what}: said, nobody is connected to, and the board runs on`, () =>
      scenario({ app: "sample", config }, async (run) => {
        run.pass(5 * MINUTE);
        says(run, message, /the firmware does not go to work, and connects to nobody/);
        assert.equal(run.world.board.sockets.size, 0);
      }));
  }

  for (const [what, config, message] of [
    ["a port that is no number", { port: "mqtt" }, /"port" is not a whole number from 1 to 65535; 8883 is used/],
    ["a port beyond all ports", { port: 70_000 }, /"port" is not a whole number/],
    ["a deadline that is no number", { selfTestTimeoutMs: "soon" }, /"selfTestTimeoutMs" .*; 300000 is used/],
  ] as const) {
    it(`${what}: said, and the default holds`, () =>
      scenario({ app: "sample", config }, async (run) => {
        run.untilTraced("mqtt: connected");
        says(run, message);
        await run.intact();
      }));
  }

  for (const [what, resources, message] of [
    ["a certificate in PEM", async () => ({ "device-certificate.der": text((await another).certificatePem) }), /PEM/],
    ["a certificate of noise", async () => ({ "device-certificate.der": text("noise") }), /certificate is no DER/],
    [
      "a certificate cut short",
      async () => ({ "device-certificate.der": (await another).certificateDer.slice(0, 99) }),
      /certificate cannot be read/,
    ],
    [
      "a certificate of somebody else",
      async () => ({ "device-certificate.der": (await another).certificateDer }),
      /key is not that of the certificate/,
    ],
    ["a key of noise", async () => ({ "device-key.der": text("0noise") }), /key is damaged/],
    ["a key in PEM", async () => ({ "device-key.der": text((await another).privateKeyPem) }), /key is PEM/],
    [
      "a root certificate of noise",
      async () => ({ "root-ca.der": text("noise") }),
      /root-ca\.der is of no use: the root certificate is no DER/,
    ],
    ["an empty root certificate", async () => ({ "root-ca.der": new Uint8Array(0) }), /root certificate is empty/],
  ] as const) {
    it(`${what}: said in one line, and the board runs on`, async () => {
      await scenario({ resources: await resources() }, async (run) => {
        run.pass(MINUTE);
        says(run, message);
        assert.equal(run.world.trace.filter((line) => message.test(line)).length, 1);
      });
    });
  }

  it("nothing is said of an identity that is right", () =>
    scenario({}, async (run) => {
      run.untilTraced("mqtt: connected");
      assert.deepEqual(run.traced("of no use"), []);
      assert.deepEqual(run.traced("settings:"), []);
    }));
});

describe("an image that cannot work with the settings it finds", () => {
  const HOSTS = { allowedHosts: "h.example *" };

  it("is taken back at once, the job says what was wrong, and its settings are not those of the old one", () =>
    scenario({ app: "sample" }, async (run) => {
      run.untilTraced("mqtt: connected");
      await run.publish({ image: await run.image(SECOND, HOSTS) });
      run.endsWith("FAILED", "self-test-failed");
      assert.match(run.details().detail ?? "", /allowedHosts/);
      assert.deepEqual([run.version, run.store.get("device", "allowedHosts")], [FIRST, undefined]);
      await run.intact();
    }));

  it("keeps settings of its own in NVS once it is confirmed, not before", () =>
    scenario({ app: "sample" }, async (run) => {
      run.untilTraced("mqtt: connected");
      await run.publish({ image: await run.image(SECOND, { sntp: "time.example" }) });
      run.untilState("testing");
      const kept = () => run.store.get("device", "sntp");
      assert.equal(kept(), undefined);
      run.succeeds();
      assert.equal(kept(), "time.example");
      await run.intact();
    }));
});
