import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { simulatedKey } from "../../host-sim/signing/index.js";
import { DEFAULT_IMAGE_SIZE, imageFor } from "./support/images.js";
import { RAW_URL, rawServer } from "./support/raw-server.js";
import { HOUR, type Publication, type Scenario, type ScenarioOptions, SECOND, scenario } from "./support/scenario.js";

const SECTOR = 4096;
/** Of an answer, at most. */
const HEADERS = 600;
/** Far more windows than any of the devices below needs. */
const MANY = 400;

const SLOW: ScenarioOptions = Object.freeze({
  off: true,
  link: { latencyMs: 20, bytesPerSecond: 4_000, chunkBytes: 1024 },
  board: { clockSet: true },
});

/** Power for one window each hour, as `window` has it, until the job is over. Returns how many it took. */
function wake(run: Scenario, window: (run: Scenario) => void): number {
  for (let count = 1; count <= MANY; count += 1) {
    run.world.board.powerOn();
    window(run);
    if (run.world.status("job-1") === "SUCCEEDED") return count;
    run.world.board.powerCut();
    run.pass(HOUR);
  }
  return assert.fail(`not done after ${MANY} windows, the last request asked from ${run.wire.offsets.at(-1)}`);
}

const isOver = (run: Scenario) => run.world.status("job-1") === "SUCCEEDED";
const loads = (run: Scenario) => run.world.record === undefined || run.world.record.includes('"phase":"downloading"');

/** Awake for so long while an image is loaded; what comes after a whole image is left to end. */
const awakeFor = (ms: number) => (run: Scenario) => {
  run.world.runUntil(() => isOver(run), ms);
  if (!loads(run)) run.world.runUntil(() => isOver(run), HOUR);
};

/** Awake until so many bytes of the image have come, headers aside. */
const awakeForBytes = (bytes: number) => (run: Scenario) => {
  const before = run.wire.httpBytes;
  run.world.runUntil(() => isOver(run) || run.wire.httpBytes - before >= bytes + HEADERS, HOUR);
  if (!loads(run)) run.world.runUntil(() => isOver(run), HOUR);
};

/** The image with 160 KiB of blank flash in its middle, and what is written there reads as if nothing was. */
async function blankImage(): Promise<Uint8Array> {
  const image = await imageFor({
    version: SECOND,
    size: DEFAULT_IMAGE_SIZE + 40 * SECTOR,
    resources: {
      "code-signing-key.der": simulatedKey().publicKey,
      "blank.bin": new Uint8Array(40 * SECTOR).fill(0xff),
    },
  });
  let sectors = 0;
  for (let at = 0; at < image.length; at += SECTOR)
    if (image.subarray(at, at + SECTOR).every((byte) => byte === 0xff)) sectors += 1;
  assert.ok(sectors >= 30, `${sectors} blank sectors`);
  return image;
}

type Story = {
  readonly it: string;
  readonly options?: ScenarioOptions;
  readonly publication?: () => Promise<Publication>;
  readonly arrange?: (run: Scenario) => Promise<void>;
  readonly window: (run: Scenario) => void;
  /** Windows that it may take. */
  readonly most: number;
  /** Bytes that may be loaded for each window more than those of the image. */
  readonly waste?: number;
};

const STORIES: readonly Story[] = [
  { it: "15 s over 4000 B/s", window: awakeFor(15_000), most: 8 },
  {
    it: "15 s over 4000 B/s, ranges of 16 KiB",
    options: { config: { rangeLength: 16_384 } },
    window: awakeFor(15_000),
    most: 9,
  },
  { it: "8 KiB at a time", window: awakeForBytes(2 * SECTOR), most: DEFAULT_IMAGE_SIZE / SECTOR + 2 },
  { it: "12 KiB at a time", window: awakeForBytes(3 * SECTOR), most: DEFAULT_IMAGE_SIZE / SECTOR / 2 + 3 },
  {
    it: "8 KiB at a time, of an image with sectors that are blank themselves",
    publication: async () => ({ image: await blankImage() }),
    window: awakeForBytes(2 * SECTOR),
    most: DEFAULT_IMAGE_SIZE / SECTOR + 45,
  },
  {
    it: "30 KiB at a time, from a server without entity tags, by the digest of the document",
    arrange: async (run) => {
      const image = await run.image(SECOND);
      rawServer(run, (_, reply) => reply.serve(image, { headers: { etag: "" } }));
    },
    publication: async () => ({ document: { location: { url: RAW_URL } } }),
    window: awakeForBytes(30_000),
    most: 20,
  },
];

describe("a device that is awake for a little at a time", () => {
  for (const story of STORIES)
    it(`keeps what reached flash: ${story.it}`, () =>
      scenario({ ...SLOW, ...story.options }, async (run) => {
        await story.arrange?.(run);
        const publication = (await story.publication?.()) ?? {};
        const image = publication.image ?? (await run.image(SECOND));
        const sha256 = createHash("sha256").update(image).digest("hex");
        await run.publish({ ...publication, document: { sha256, ...publication.document } });
        const windows = wake(run, story.window);
        run.succeeds();
        assert.ok(windows <= story.most, `${windows} windows`);
        const { offsets } = run.wire;
        assert.deepEqual(
          offsets,
          [...offsets].sort((a, b) => a - b),
          "no window goes back",
        );
        const erases = Number(run.details().erases) * SECTOR;
        assert.ok(
          erases <= image.length + 65536 + windows * 2 * SECTOR,
          `${erases} bytes erased in ${windows} windows`,
        );
      }));
});
