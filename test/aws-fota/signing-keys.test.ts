import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { FotaError } from "../../modules/aws-fota/errors.js";
import type { FotaPorts } from "../../modules/aws-fota/ports.js";
import { publicKeyPoint } from "../../modules/aws-fota/signature.js";
import {
  enforcedBy,
  judgeTrial,
  type KeyBytes,
  type SigningKey,
  trustFrom,
  trustText,
} from "../../modules/aws-fota/signing-keys.js";
import {
  Bench,
  type BenchOptions,
  document,
  execution,
  FakeBoard,
  installedBoard,
  NO_JOB_LEFT,
  SIGNING_KEY,
} from "./agent-bench.js";

const spki = () =>
  new Uint8Array(
    generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey.export({ type: "spki", format: "der" }),
  );
const key = (id: string): SigningKey => ({ id, key: spki() });
const OLD = key("2026");
const NEW = key("2027");
const unsigned = () => document({ "sig-sha256-ecdsa": undefined });

/** Verifies with this key only. */
const onlyWith = ({ key: bytes }: SigningKey): FotaPorts["verifyP256"] => {
  const own = bytes instanceof Uint8Array ? publicKeyPoint(bytes) : undefined;
  return (point) => Buffer.from(point).equals(Buffer.from(own ?? []));
};

describe("trustFrom", () => {
  it("takes a key as SubjectPublicKeyInfo, as point, and as a resource of the SDK", () => {
    const der = spki();
    const point = publicKeyPoint(der) ?? assert.fail();
    const resource: KeyBytes = {
      byteLength: der.length,
      slice: (from: number, to: number) => der.slice(from, to).buffer,
    };
    for (const form of [der, point, resource]) {
      assert.deepEqual(trustFrom([{ id: "a", key: form }], false).keys, [{ id: "a", point }]);
    }
  });
  const refused: readonly [string, readonly SigningKey[]][] = [
    ["five keys", ["1", "2", "3", "4", "5"].map(key)],
    ["two keys of one id", [key("a"), key("a")]],
    ["an id that is empty", [key("")]],
    ["an id with a space", [key("a b")]],
    ["an id of 33 characters", [key("a".repeat(33))]],
    ["a key that is none", [{ id: "a", key: new Uint8Array(65) }]],
  ];
  for (const [what, keys] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => trustFrom(keys, false),
        (error) => error instanceof FotaError && error.code === "bad-option",
      );
    });
  }
  it("takes four keys", () => assert.equal(trustFrom(["1", "2", "3", "4"].map(key), false).keys.length, 4));
});

describe("what a firmware enforces", () => {
  const trust = (ids: readonly string[], allowUnsigned: boolean) => trustFrom(ids.map(key), allowUnsigned);
  const rows: readonly [readonly string[], boolean, readonly string[] | undefined, string, RegExp | undefined][] = [
    [["a", "b"], false, ["a", "b"], "signing keys: a, b", undefined],
    [["a"], true, [], "signing keys: a; unsigned images are accepted, too", /accepts unsigned images/],
    [[], true, [], "unsigned images are accepted, no signature is checked", /has no signing key/],
    [[], false, undefined, "no signing key, every image is refused", /has no signing key/],
  ];
  for (const [ids, allowUnsigned, enforced, said, objection] of rows) {
    it(`is said, remembered and held against it on trial: ${said}`, () => {
      const given = trust(ids, allowUnsigned);
      assert.deepEqual([trustText(given), enforcedBy(given)], [said, enforced]);
      assert.equal(judgeTrial(given, []), undefined, "nothing was enforced before");
      const refusal = judgeTrial(given, ["old"]);
      assert.equal(refusal?.code, objection === undefined ? undefined : "signing-key-missing");
      if (objection !== undefined) assert.match(refusal?.detail ?? "", objection);
    });
  }
});

describe("an agent", () => {
  it("without a key refuses every image, signed or not, and says so at each start", () => {
    const board = new FakeBoard();
    for (const jobDocument of [unsigned(), document()]) {
      const bench = new Bench(board, { publicKeys: undefined }).open().connect(execution({ jobDocument }));
      assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["REJECTED", "no-signing-key"]);
      assert.deepEqual(bench.codes, ["no-signing-key", "no-signing-key"], "at the start, and for the job");
      assert.ok(bench.traces.includes("aws-fota: no signing key, every image is refused"));
      bench.accept();
      bench.fota.close();
      board.restart();
    }
  });
  it("without a key installs an unsigned image when it is allowed to, and says so", () => {
    const bench = new Bench(undefined, { publicKeys: undefined, allowUnsigned: true });
    bench.install(execution({ jobDocument: unsigned() }));
    assert.equal(bench.fota.state, "installed");
    assert.ok(bench.traces.includes("aws-fota: unsigned images are accepted, no signature is checked"));
    assert.deepEqual(bench.codes, []);
  });
  it("with a key and leave for unsigned images takes one, but no bad signature", () => {
    const options = { allowUnsigned: true, verifyP256: () => false };
    assert.equal(new Bench(undefined, options).install(execution({ jobDocument: unsigned() })).fota.state, "installed");
    const bench = new Bench(undefined, options).open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    assert.equal(bench.update.statusDetails?.code, "signature-invalid");
  });
  it("tries each of its keys, one on a turn", () => {
    const bench = new Bench(undefined, { publicKeys: [OLD, NEW], verifyP256: onlyWith(NEW) })
      .open()
      .connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    assert.equal(bench.fota.state, "verifying");
    bench.timer.advance(0);
    assert.equal(bench.fota.state, "installed");
  });
  it("tries none but the one that the document names", () => {
    for (const [id, end] of [
      ["2026", "reporting"],
      ["2027", "installed"],
    ] as const) {
      const tried: number[] = [];
      const verifyP256 = (...given: Parameters<FotaPorts["verifyP256"]>) => {
        tried.push(1);
        return onlyWith(NEW)(...given);
      };
      const bench = new Bench(undefined, { publicKeys: [OLD, NEW], verifyP256 });
      bench.open().connect(execution({ jobDocument: document({ "sig-key-id": id }) }));
      bench.accept();
      bench.download.complete();
      bench.verified();
      bench.timer.advance(0);
      assert.deepEqual([bench.fota.state, tried.length], [end, 1]);
    }
  });
  it("refuses a signature that none of its keys made", () => {
    const options = { publicKeys: [OLD, NEW], verifyP256: () => false };
    const bench = new Bench(undefined, options).open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    bench.timer.advance(0);
    assert.deepEqual([bench.update.status, bench.update.statusDetails?.code], ["REJECTED", "signature-invalid"]);
    assert.ok(!bench.board.log.includes("setBoot"));
  });
  it("tries no further key after close", () => {
    let tried = 0;
    const verifyP256 = () => {
      tried += 1;
      return false;
    };
    const bench = new Bench(undefined, { publicKeys: [OLD, NEW], verifyP256 }).open().connect(execution());
    bench.accept();
    bench.download.complete();
    bench.verified();
    bench.fota.close();
    bench.timer.advance(1000);
    assert.equal(tried, 1);
  });
});

describe("the memory of enforced keys", () => {
  const withoutKey: BenchOptions = { publicKeys: undefined };

  it("takes a firmware without a key back at its first start, at once, and the old one says why", () => {
    const board = installedBoard();
    let asked = 0;
    const selfTest = () => {
      asked += 1;
    };
    new Bench(board, { ...withoutKey, selfTest }).open();
    assert.deepEqual([board.log.filter((what) => what.startsWith("mark")), asked], [["markInvalid"], 0]);
    const old = new Bench(board).open().connect(execution({ status: "IN_PROGRESS", versionNumber: 3 }));
    assert.deepEqual([old.update.status, old.update.statusDetails?.code], ["FAILED", "signing-key-missing"]);
    assert.match(old.update.statusDetails?.detail ?? "", /no signing key.*key-1/);
    assert.equal(old.record.quarantined.length, 1);
  });
  for (const [what, options] of [
    ["allows unsigned images and has no key", { publicKeys: undefined, allowUnsigned: true }],
    ["allows unsigned images beside its key", { allowUnsigned: true }],
  ] as const) {
    it(`takes a firmware back that ${what}`, () => {
      const board = installedBoard();
      const bench = new Bench(board, options).open();
      assert.deepEqual(bench.codes, ["signing-key-missing"]);
      assert.ok(board.log.includes("markInvalid"));
    });
  }
  it("lets a firmware with other keys stay, and is theirs once it is confirmed, not before", () => {
    const board = installedBoard();
    const bench = new Bench(board, { publicKeys: [NEW] }).open();
    assert.deepEqual(bench.record.enforced, ["key-1"]);
    bench.connect(execution({ status: "IN_PROGRESS", versionNumber: 3 }));
    assert.deepEqual([bench.update.status, bench.record.enforced], ["SUCCEEDED", ["2027"]]);
    bench.accept();
    assert.deepEqual(bench.record.enforced, ["2027"], "it outlives the job");
  });
  it("costs no store: a good update makes as many as before, and a first start none", () => {
    const board = new FakeBoard();
    new Bench(board).open().connect();
    assert.deepEqual([board.stores, board.text], [0, undefined]);
  });
  it("is believed about a firmware that came by cable: it may allow unsigned images again", () => {
    const board = new FakeBoard();
    board.text = NO_JOB_LEFT;
    const bench = new Bench(board, { ...withoutKey, allowUnsigned: true }).open().connect();
    assert.deepEqual([bench.codes, board.text], [[], undefined]);
  });
  it("stays when a firmware without a word about it comes by cable, and is named at its start", () => {
    const board = new FakeBoard();
    board.text = NO_JOB_LEFT;
    const bench = new Bench(board, withoutKey).open().connect();
    assert.deepEqual([bench.codes, board.text], [["no-signing-key"], NO_JOB_LEFT]);
    assert.match(bench.errors[0]?.message ?? "", /the firmware before had key-1/);
  });
  it("judges a trial that no job of this library began, too", () => {
    const board = installedBoard();
    board.text = NO_JOB_LEFT;
    const bench = new Bench(board, withoutKey).open();
    assert.ok(board.log.includes("markInvalid"));
    assert.deepEqual(bench.codes, ["no-signing-key", "signing-key-missing"]);
  });
  it("is not there after an update of a firmware that enforced nothing: the key may come, and go no more", () => {
    const board = new FakeBoard();
    const open: BenchOptions = { publicKeys: undefined, allowUnsigned: true };
    const first = new Bench(board, open).install(execution({ jobDocument: unsigned() }));
    first.fota.restart();
    first.fota.close();
    board.restart();
    const second = new Bench(board, { publicKeys: [SIGNING_KEY] }).open();
    second.connect(execution({ status: "IN_PROGRESS", versionNumber: 3 }));
    assert.equal(second.update.status, "SUCCEEDED");
    assert.deepEqual(second.record.enforced, ["key-1"]);
  });
});
