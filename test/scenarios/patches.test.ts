import assert from "node:assert/strict";
import { makePatch } from "fota-operator/patch";
import { digestOf } from "../../host-sim/signing/index.js";
import { DEFAULT_IMAGE_SIZE as SIZE, trustingImage } from "./support/images.js";
import { FIRST, MINUTE, type Scenario, SECOND } from "./support/scenario.js";
import { type Story, storySuite } from "./support/stories.js";

const FRAME = 65_536;
const SECTOR = 4096;
/** What the network has under way. */
const UNDER_WAY = 24_000;

type Publication = NonNullable<Parameters<Scenario["publish"]>[0]>;
type Patches = NonNullable<Publication["patches"]>;

/** Two images of which a good third differs: the patch has several frames with something in them. */
async function images(run: Scenario) {
  const old = await run.image(FIRST);
  const image = await trustingImage({ app: "sample", version: SECOND, seed: 2 });
  return { old, image, patch: makePatch({ from: old, to: image }) };
}

async function publish(run: Scenario, patches: (made: Awaited<ReturnType<typeof images>>) => Patches, more = {}) {
  const made = await images(run);
  const offered = patches(made);
  await run.publish({ image: made.image, patches: offered, ...more });
  return made;
}

const fitting = ({ old, patch }: { old: Uint8Array; patch: Uint8Array }): Patches => [
  { bytes: patch, base: { image: old, version: FIRST } },
];

const targets = (run: Scenario): string[] =>
  run.wire.requests.map(({ target }) => (target.includes(".patch") ? "patch" : "image"));

/** Every byte of it came by the patch, none by the image. */
function cameByPatch(run: Scenario, patch: Uint8Array, waste = 0): void {
  const { bytes, patch: told } = run.details();
  assert.equal(told, "applied");
  assert.ok(!targets(run).includes("image"), "the image itself was not asked for");
  const loaded = Number(bytes);
  assert.ok(loaded >= patch.length && loaded <= patch.length + waste, `${loaded} bytes for ${patch.length}`);
}

function cameWhole(run: Scenario, code: string | undefined): void {
  assert.equal(run.details().patch, code);
  assert.equal(targets(run).at(-1), "image");
}

/** The patch with one bit of it turned. */
function damaged(patch: Uint8Array, at: number): Uint8Array {
  const copy = patch.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

const stories: readonly Story[] = [
  {
    it: "a patch against what is installed: the image is made of it, and nothing else is loaded",
    xs: true,
    play: async (run) => {
      const { patch, image } = await publish(run, fitting);
      run.succeeds();
      cameByPatch(run, patch);
      assert.ok(patch.length < image.length / 2, `${patch.length} bytes of patch`);
      assert.equal(run.details().requests, "1");
      await run.intact();
    },
  },
  {
    it: "a patch of some hundred bytes for the whole image: it works in turns, AWS IoT is answered meanwhile",
    play: async (run) => {
      const old = await run.image(FIRST);
      const image = await run.image(SECOND);
      const patch = makePatch({ from: old, to: image });
      await run.publish({ image, patches: [{ bytes: patch, base: { image: old } }] });
      run.succeeds();
      cameByPatch(run, patch);
      assert.ok(patch.length < SIZE / 100, `${patch.length} bytes`);
      await run.intact();
    },
  },
  {
    it: "the image compressed, against nothing",
    play: async (run) => {
      const { image } = await images(run);
      const patch = makePatch({ to: image });
      await run.publish({ image, patches: [{ bytes: patch }] });
      run.succeeds();
      cameByPatch(run, patch);
    },
  },
  {
    it: "several bases: the device takes the one that it runs, and hashes only what may fit",
    play: async (run) => {
      const other = await trustingImage({ app: "sample", version: "1.0.0" });
      const twin = await trustingImage({ app: "sample", version: FIRST, seed: 9 });
      const { patch } = await publish(run, ({ old, image, patch: own }) => [
        { bytes: makePatch({ from: other, to: image }), base: { image: other, version: "1.0.0" } },
        { bytes: makePatch({ from: twin, to: image }), base: { image: twin, version: FIRST } },
        { bytes: own, base: { image: old } },
      ]);
      run.succeeds();
      cameByPatch(run, patch);
      assert.ok(run.wire.requests.every(({ target }) => target.includes("job-1-2.patch")));
    },
  },
  {
    it: "no base that fits: the whole image, as without patches",
    play: async (run) => {
      const other = await trustingImage({ app: "sample", version: FIRST, seed: 9 });
      const { image } = await publish(run, (made) => [
        { bytes: makePatch({ from: other, to: made.image }), base: { image: other } },
      ]);
      run.succeeds();
      cameWhole(run, undefined);
      assert.equal(run.details().bytes, String(image.length));
      assert.deepEqual(targets(run), ["image"]);
    },
  },
  {
    it: "a patch that is no smaller than the image is passed over, and so is one from a server that may not be asked",
    play: async (run) => {
      const { old, image, patch } = await images(run);
      const padded = new Uint8Array(image.length);
      padded.set(patch);
      const location = { protocol: "https:", host: "10.0.0.1", path: "x.patch" };
      const sha256 = digestOf(old);
      const entry = { base: { sha256, size: old.length }, size: patch.length, location };
      await run.publish({ image, patches: [{ bytes: padded, base: { image: old } }] });
      run.succeeds();
      cameWhole(run, undefined);
      const newer = await trustingImage({ app: "sample", version: "1.0.3" });
      const document = {
        sha256: digestOf(newer),
        patches: [{ ...entry, base: { ...entry.base, sha256: digestOf(image) } }],
      };
      await run.publish({ jobId: "job-2", version: "1.0.3", image: newer, document });
      run.succeeds("1.0.3", "job-2");
      assert.deepEqual(targets(run), ["image", "image"]);
    },
  },
  ...(
    [
      ["in its header", 3, "patch-invalid"],
      ["in its format version", 4, "patch-unsupported"],
      ["in the digest of its base", 50, "base-mismatch"],
      ["in the digest of its image", 20, "patch-mismatch"],
      ["in its first frame", 90, undefined],
      ["in its last bytes", -2, undefined],
    ] as const
  ).map(
    ([where, at, code]): Story => ({
      it: `a patch that is damaged ${where}: the whole image is loaded in the same job`,
      play: async (run) => {
        await publish(run, ({ old, patch }) => [
          { bytes: damaged(patch, at < 0 ? patch.length + at : at), base: { image: old } },
        ]);
        run.succeeds();
        const told = run.details().patch ?? "";
        assert.match(told, code === undefined ? /^(?:patch-\w+|digest-mismatch|image-\w+)$/ : new RegExp(`^${code}$`));
        cameWhole(run, told);
        await run.intact();
      },
    }),
  ),
  {
    it: "a patch that gives another image than it says is found by the digest, before the boot flag",
    play: async (run) => {
      const { old, image } = await images(run);
      const evil = await trustingImage({ app: "sample", version: SECOND, seed: 3 });
      const patch = makePatch({ from: old, to: evil });
      patch.set(makePatch({ from: old, to: image }).subarray(0, 80)); // the header of the good one
      await run.publish({ image, patches: [{ bytes: patch, base: { image: old } }] });
      run.succeeds();
      cameWhole(run, "digest-mismatch");
      await run.intact();
    },
  },
  ...(
    [
      ["is not there", { status: 404, error: "NoSuchKey" }, "not-found", 1],
      ["cannot be had", { status: 500, error: "InternalError" }, "retries-exhausted", 8],
    ] as const
  ).map(
    ([what, fault, code, times]): Story => ({
      it: `a patch that ${what}: the whole image is loaded in the same job`,
      play: async (run) => {
        for (let count = 0; count < times; count++) run.world.cloud.httpFaults.add({ ...fault, path: ".patch" });
        await publish(run, fitting);
        run.succeeds();
        cameWhole(run, code);
        await run.intact();
      },
    }),
  ),
  {
    it: "a patch of another length than the document says: the whole image is loaded in the same job",
    play: async (run) => {
      const { patch } = await publish(run, fitting);
      run.world.cloud.putImage("job-1-0.patch", patch.subarray(1));
      run.succeeds();
      cameWhole(run, "size-mismatch");
      await run.intact();
    },
  },
  {
    it: "connections that break in the middle: it goes on at the byte of the patch that is missing",
    xs: true,
    play: async (run) => {
      run.world.cloud.httpFaults.add({ cutAfterBytes: 50_000, path: ".patch" });
      run.world.cloud.httpFaults.add({ cutAfterBytes: 20_000, path: ".patch" });
      const { patch } = await publish(run, fitting);
      run.succeeds();
      cameByPatch(run, patch, 2 * UNDER_WAY);
      assert.equal(targets(run).length, 3);
      await run.intact();
    },
  },
  {
    it: "a URL that runs out in the middle: one describe, the fresh URL of the same patch, the same byte",
    play: async (run) => {
      run.world.cloud.httpFaults.add({ cutAfterBytes: 50_000, path: ".patch" });
      run.world.cloud.httpFaults.add({ expireUrl: true, path: ".patch" });
      const { patch } = await publish(run, fitting);
      run.succeeds();
      cameByPatch(run, patch, UNDER_WAY);
      assert.equal(run.wire.describes("job-1").length, 1);
      await run.intact();
    },
  },
  {
    it: "a patch that is replaced in the middle begins anew",
    play: async (run) => {
      const { old, patch } = await publish(run, fitting);
      run.untilLoaded(60_000);
      const { image } = await images(run);
      const twin = makePatch({ from: old, to: image });
      run.world.cloud.putImage("job-1-0.patch", twin);
      run.world.cloud.network.resetConnections();
      run.succeeds();
      assert.equal(run.details().patch, "applied");
      assert.ok(Number(run.details().bytes) <= 2 * patch.length + UNDER_WAY);
      await run.intact();
    },
  },
  {
    it: "a power cut in the middle costs at most one frame of the patch",
    play: async (run) => {
      const { patch } = await publish(run, fitting);
      run.untilLoaded(80_000);
      run.world.board.powerCut();
      run.pass(MINUTE);
      run.world.board.powerOn();
      run.succeeds();
      assert.ok(run.wire.offsets.at(-1) !== 0, "it went on");
      assert.equal(run.details().patch, "applied");
      assert.ok(run.wire.httpBytes <= patch.length + FRAME + UNDER_WAY, `${run.wire.httpBytes} of ${patch.length}`);
      assert.ok(run.slotBytesErased <= Math.ceil(SIZE / FRAME) * FRAME + FRAME + 2 * SECTOR);
      await run.intact();
    },
  },
  {
    it: "a power cut after the patch was given up: the whole image goes on, the patch is not tried again",
    play: async (run) => {
      await publish(run, ({ old, patch }) => [{ bytes: damaged(patch, 3), base: { image: old } }]);
      run.untilLoaded(150_000);
      run.world.board.powerCut();
      run.pass(MINUTE);
      run.world.board.powerOn();
      run.succeeds();
      cameWhole(run, "patch-invalid");
      assert.deepEqual(targets(run), ["patch", "image", "image"]);
      await run.intact();
    },
  },
  {
    it: "a job that is cancelled while the patch is applied: nothing goes on",
    play: async (run) => {
      await publish(run, fitting);
      run.untilLoaded(60_000);
      run.cancel();
      run.endsWith("CANCELED");
      run.pass(MINUTE);
      assert.equal(run.version, FIRST);
      await run.intact();
    },
  },
  {
    it: "patches without the image's digest or size are refused before anything is loaded",
    play: async (run) => {
      for (const [index, missing] of ["sha256", "size"].entries()) {
        const jobId = `job-${index}`;
        await publish(run, fitting, { jobId, document: { [missing]: undefined } });
        run.endsWith("REJECTED", "document-invalid", jobId);
      }
      assert.equal(run.wire.httpBytes, 0);
    },
  },
];

storySuite(
  "patches",
  stories.map((story) => ({ ...story, xs: story.xs === true })),
);
