import assert from "node:assert/strict";
import type { Step } from "../../host-sim/board/index.js";
import type { EngineName } from "../../host-sim/engines/index.js";
import { newSigningKey, type SigningKey, signatureOf } from "../../host-sim/signing/index.js";
import { needXs, XS_TITLE } from "../support/xs-required.js";
import { DEFAULT_IMAGE_SIZE, imageFor } from "./support/images.js";
import { MINUTE, type Scenario, scenario } from "./support/scenario.js";

const BLOCK = 65_536;
/** Made anew in each run: no test key lies about. */
const OLD = newSigningKey();
const NEW = newSigningKey();

/** An image whose firmware trusts these keys, by id. */
function trusting(
  version: string,
  keys: Readonly<Record<string, SigningKey>>,
  config: Readonly<Record<string, boolean>> = {},
): Promise<Uint8Array> {
  const ids = Object.keys(keys);
  const resources = Object.fromEntries(Object.entries(keys).map(([id, { publicKey }]) => [`${id}.der`, publicKey]));
  return imageFor({
    version,
    resources,
    config: { ...config, ...(ids.length === 0 ? {} : { signingKeys: ids.join(",") }) },
  });
}

const signedBy = (key: SigningKey, image: Uint8Array, id?: string) => ({
  "sig-sha256-ecdsa": signatureOf(image, key),
  ...(id === undefined ? {} : { "sig-key-id": id }),
});

/** A job whose document has these members about the signature. */
async function offer(
  run: Scenario,
  version: string,
  image: Uint8Array,
  document: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const jobId = `to-${version.replaceAll(".", "-")}-after-${run.wire.updates.length}`;
  await run.publish({ jobId, version, image, unsigned: true, document });
  return jobId;
}

async function installs(...[run, version, image, document]: Parameters<typeof offer>): Promise<void> {
  const before = run.world.board.counters.stores;
  const jobId = await offer(run, version, image, document);
  run.succeeds(version, jobId);
  run.until(() => !run.record.includes('"job"'), "the job is settled", MINUTE);
  const stores = run.world.board.counters.stores - before;
  assert.equal(stores, 7 + Math.floor(DEFAULT_IMAGE_SIZE / BLOCK), "what is remembered of keys costs no store");
}

async function refuses(code: string, ...[run, version, image, document]: Parameters<typeof offer>): Promise<void> {
  const { version: running } = run;
  const jobId = await offer(run, version, image, document);
  run.endsWith("REJECTED", code, jobId);
  run.until(() => !run.record.includes('"job"'), "the job is settled", MINUTE);
  assert.equal(run.version, running);
}

const STORIES: readonly [string, (engine: EngineName) => Promise<void>][] = [
  [
    "an image that was built without the key does not stay, and the last unsigned image is refused",
    async (engine) => {
      const unsigned = await trusting("1.0.3", {});
      await scenario({ engine, image: await trusting("1.0.1", { 2026: OLD }) }, async (run) => {
        run.untilTraced("signing keys: 2026");
        await refuses("signature-missing", run, "1.0.3", unsigned);
        const keyless = await trusting("1.0.2", {});
        const jobId = await offer(run, "1.0.2", keyless, signedBy(OLD, keyless));
        run.endsWith("FAILED", "signing-key-missing", jobId);
        assert.equal(run.version, "1.0.1");
        assert.match(run.details(jobId).detail ?? "", /no signing key.*2026/);
        const again = await offer(run, "1.0.2", keyless, signedBy(OLD, keyless));
        run.endsWith("REJECTED", "quarantined", again);
        await refuses("signature-missing", run, "1.0.3", unsigned);
        await run.intact({ probe: false });
      });
    },
  ],
  [
    "a key is replaced: the new one comes with an image under the old one, and the old one goes with an image under the new",
    async (engine) => {
      await scenario({ engine, image: await trusting("1.0.1", { 2026: OLD }) }, async (run) => {
        run.untilTraced("signing keys: 2026");
        const both = await trusting("1.0.2", { 2026: OLD, 2027: NEW });
        await refuses("signing-key-unknown", run, "1.0.2", both, signedBy(NEW, both, "2027"));
        await installs(run, "1.0.2", both, signedBy(OLD, both, "2026"));
        const revoking = await trusting("1.0.3", { 2027: NEW });
        await installs(run, "1.0.3", revoking, signedBy(NEW, revoking));
        const late = await trusting("1.0.4", { 2026: OLD });
        await refuses("signing-key-unknown", run, "1.0.4", late, signedBy(OLD, late, "2026"));
        await refuses("signature-invalid", run, "1.0.4", late, signedBy(OLD, late));
        const next = await trusting("1.0.4", { 2027: NEW });
        await installs(run, "1.0.4", next, signedBy(NEW, next, "2027"));
        await run.intact({ probe: false });
      });
    },
  ],
  [
    "a device from before there were keys gets them with one image that still allows unsigned ones",
    async (engine) => {
      const old = await trusting("1.0.1", {}, { allowUnsigned: true });
      await scenario({ engine, image: old }, async (run) => {
        run.untilTraced("unsigned images are accepted, no signature is checked");
        await installs(run, "1.0.2", await trusting("1.0.2", { 2026: OLD }, { allowUnsigned: true }));
        assert.equal(run.traced("signing keys: 2026; unsigned images are accepted, too").length, 1);
        const enforcing = await trusting("1.0.3", { 2026: OLD });
        await refuses("signature-invalid", run, "1.0.3", enforcing, signedBy(NEW, enforcing));
        await installs(run, "1.0.3", enforcing, signedBy(OLD, enforcing));
        const open = await trusting("1.0.4", { 2026: OLD }, { allowUnsigned: true });
        await refuses("signature-missing", run, "1.0.4", open);
        const jobId = await offer(run, "1.0.4", open, signedBy(OLD, open));
        run.endsWith("FAILED", "signing-key-missing", jobId);
        assert.equal(run.version, "1.0.3");
        await run.intact({ probe: false });
      });
    },
  ],
  [
    "a firmware without a key that came by cable says so at each start and installs nothing",
    async (engine) => {
      await scenario({ engine, image: await trusting("1.0.1", {}) }, async (run) => {
        for (const start of [1, 2]) {
          run.until(
            () => run.traced("no-signing-key: every image is refused").length === start,
            `start ${start}`,
            MINUTE,
          );
          const image = await trusting("1.0.2", {});
          await refuses("no-signing-key", run, "1.0.2", image, start === 1 ? {} : signedBy(OLD, image));
          run.world.board.powerCut();
          run.world.board.powerOn();
        }
      });
    },
  ],
];

describe("signing keys", () => {
  for (const [title, story] of STORIES) it(title, () => story("node"));
});

describe(`signing keys, ${XS_TITLE}`, function () {
  this.timeout(300_000);
  before(needXs);
  for (const [title, story] of STORIES) it(title, () => story("xs"));
});

describe("a power cut while an image without the key is taken back", () => {
  /** From the order to restart into it to its end. */
  const played = async (
    watch: (step: Step) => void,
    cut: ((run: Scenario) => void) | undefined,
  ): Promise<{ readonly steps: number; readonly code: string | undefined }> => {
    let outcome: { readonly steps: number; readonly code: string | undefined } = { steps: 0, code: undefined };
    const keyless = await trusting("1.0.2", {});
    await scenario({ image: await trusting("1.0.1", { 2026: OLD }), board: { onStep: watch } }, async (run) => {
      const jobId = await offer(run, "1.0.2", keyless, signedBy(OLD, keyless));
      run.untilTraced("restarting into the new image");
      const { steps } = run.world.board;
      cut?.(run);
      assert.equal(run.end(jobId), "FAILED", run.told());
      outcome = { steps, code: run.details(jobId).code };
      assert.equal(run.version, "1.0.1");
      const unsigned = await trusting("1.0.3", {});
      await refuses("signature-missing", run, "1.0.3", unsigned);
      await run.intact({ probe: false });
    });
    return outcome;
  };

  it("the old firmware runs, the job is FAILED, and what nobody signed stays out", async () => {
    const seen: Step[] = [];
    const { steps: from } = await played((step) => seen.push(step), undefined);
    const end = seen.find(({ number, kind }) => number > from && kind === "net-open")?.number ?? 0;
    const within = seen.filter(({ number }) => number > from && number <= end);
    assert.ok(within.length > 5, JSON.stringify(within));
    const codes = new Set<string | undefined>();
    for (const { number, tearable } of within) {
      for (const where of tearable ? (["before", "torn"] as const) : (["before"] as const)) {
        const { code } = await played(
          () => {},
          (run) => {
            const { board } = run.world;
            board.planCut({ step: number, where, seed: 1 });
            run.until(() => board.state === "off", `the power cut ${where} step ${number}`);
            board.powerOn();
          },
        );
        codes.add(code);
      }
    }
    assert.deepEqual([...codes], ["signing-key-missing"]);
  });
});
