import assert from "node:assert/strict";
import { countBoot, type FleetFacts, FleetReport, isPackageName } from "../../modules/fleet-report/index.js";

const FACTS: FleetFacts = {
  version: "1.0.1",
  slot: "ota_0",
  project: "blink",
  reset: "power-on",
  outcome: undefined,
  code: undefined,
  job: undefined,
  quarantine: "",
  boots: 7,
  memory: 40_000,
};

function setUp(packageName?: string) {
  const sent: { topic: string; body: unknown; done: (error?: { code: string }) => void; closed: boolean }[] = [];
  const traces: string[] = [];
  const report = new FleetReport({
    session: {
      publish: (topic, payload, { onDone }) => {
        const message = { topic, body: JSON.parse(payload) as unknown, done: onDone, closed: false };
        sent.push(message);
        return {
          close: () => {
            message.closed = true;
          },
        };
      },
    },
    thingName: "thing-1",
    packageName,
    trace: (text) => traces.push(text),
  });
  return { report, sent, traces };
}

describe("the report to the fleet", () => {
  it("goes to the shadow fota, without what is not known", () => {
    const { report, sent } = setUp();
    report.tell(FACTS);
    const { outcome, code, job, ...known } = FACTS;
    assert.deepEqual([outcome, code, job], [undefined, undefined, undefined]);
    assert.equal(sent[0]?.topic, "$aws/things/thing-1/shadow/name/fota/update");
    assert.deepEqual(sent[0]?.body, { state: { reported: known } });
  });

  it("goes to the shadow of the package catalog as the catalog has it: a version, and attributes that are texts", () => {
    const { report, sent } = setUp("blink");
    report.tell({ ...FACTS, outcome: "FAILED", code: "rolled-back", job: "job-1" });
    assert.equal(sent[0]?.topic, "$aws/things/thing-1/shadow/name/$package/update");
    assert.deepEqual(sent[0]?.body, {
      state: {
        reported: {
          blink: {
            version: "1.0.1",
            attributes: {
              slot: "ota_0",
              project: "blink",
              reset: "power-on",
              outcome: "FAILED",
              code: "rolled-back",
              job: "job-1",
              quarantine: "",
              boots: "7",
              memory: "40000",
            },
          },
        },
      },
    });
  });

  it("is made when something changed; memory alone is no news, and what is not known is none", () => {
    const { report, sent } = setUp();
    report.tell(FACTS);
    sent[0]?.done();
    report.tell({ ...FACTS, memory: 30_000, reset: "software" });
    assert.equal(sent.length, 1);
    report.tell({ ...FACTS, outcome: "SUCCEEDED", code: "", job: "job-1" });
    sent[1]?.done();
    report.tell(FACTS);
    assert.equal(sent.length, 2);
  });

  it("waits for the message before, and sends the last of what came meanwhile", () => {
    const { report, sent } = setUp();
    for (const version of ["1.0.1", "1.0.2", "1.0.3"]) report.tell({ ...FACTS, version });
    assert.equal(sent.length, 1);
    sent[0]?.done();
    assert.deepEqual(
      sent.map(({ body }) => (body as { state: { reported: { version: string } } }).state.reported.version),
      ["1.0.1", "1.0.3"],
    );
  });

  it("ends with a message that the service does not take, and says which topic the policy may lack", () => {
    const { report, sent, traces } = setUp();
    report.tell(FACTS);
    sent[0]?.done({ code: "not-acknowledged" });
    report.tell({ ...FACTS, version: "1.0.2" });
    assert.equal(sent.length, 1);
    assert.deepEqual(traces.length, 1);
    assert.match(traces[0] ?? "", /not-acknowledged.*shadow\/name\/fota\/update/);
  });

  it("forgets its message when it is closed", () => {
    const { report, sent } = setUp();
    report.tell(FACTS);
    report.close();
    report.close();
    report.tell({ ...FACTS, version: "2" });
    assert.deepEqual([sent.length, sent[0]?.closed], [1, true]);
  });
});

describe("the count of starts", () => {
  const store = (text: string | undefined) => {
    const kept = { text };
    return {
      kept,
      read: () => kept.text,
      write: (value: string) => {
        kept.text = value;
      },
      remove: () => {
        kept.text = undefined;
      },
    };
  };

  for (const [before, count] of [
    [undefined, 1],
    ["1", 2],
    ["41", 42],
    ["999999999", 999_999_999],
    ["x", 1],
    ["-3", 1],
    ["", 1],
  ] as const)
    it(`after ${JSON.stringify(before)} is ${count}`, () => {
      const place = store(before);
      assert.equal(countBoot(place), count);
      assert.equal(place.kept.text, String(count));
    });

  it("is not known without a store, or with one that fails", () => {
    assert.equal(countBoot(undefined), undefined);
    const broken = {
      ...store("1"),
      write: () => {
        throw new Error("NVS full");
      },
    };
    assert.equal(countBoot(broken), undefined);
  });
});

describe("a package's name", () => {
  it("is what CreatePackage takes", () => {
    assert.ok(["blink", "a.b_c-1", "X".repeat(128)].every(isPackageName));
    assert.ok(["", "a b", "ä", "a/b", "X".repeat(129)].every((name) => !isPackageName(name)));
  });
});
