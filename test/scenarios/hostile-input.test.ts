import assert from "node:assert/strict";
import { control } from "local-aws-iot/virtual";
import { seededRandom } from "../../host-sim/board/random.js";
import { DEFAULT_IMAGE_SIZE, trustingImage } from "./support/images.js";
import { damaged, flipped, hostileDocument, mangled, patched, resealed } from "./support/mutations.js";
import { FIRST, HOUR, MINUTE, type Publication, type Scenario, SECOND, THING } from "./support/scenario.js";
import { type Story, storySuite } from "./support/stories.js";

/** Small enough for many, large enough for several blocks. */
const SMALL = 4 * 65_536;
const FAST = Object.freeze({ link: { bytesPerSecond: 1_000_000 } });
const TYPED = /^[a-z]+(-[a-z]+)*$/;

const good = (version = SECOND, project?: string) =>
  trustingImage({ version, ...(project === undefined ? {} : { project }) });

type BadImage = {
  readonly image: string;
  readonly make: (run: Scenario) => Promise<Publication> | Publication;
  readonly ends: "FAILED" | "REJECTED";
  readonly code: string;
  readonly xs?: boolean;
};

const mutated = (change: (image: Uint8Array) => Uint8Array) => async () => ({ image: change(await good()) });

/** Places in the header of an image. [ESP-IDF: esp_image_header_t] */
const [MAGIC, SEGMENTS, CHIP, MIN_REVISION, HASH_APPENDED, FIRST_SEGMENT_LENGTH, DESCRIPTOR] = [
  0, 1, 12, 15, 23, 28, 32,
];

const BAD_IMAGES: readonly BadImage[] = Object.freeze([
  {
    image: "does not begin with the magic byte",
    make: mutated((image) => resealed(patched(image, MAGIC, 0))),
    ends: "REJECTED",
    code: "image-magic",
  },
  {
    image: "has no segment",
    make: mutated((image) => resealed(patched(image, SEGMENTS, 0))),
    ends: "REJECTED",
    code: "image-no-segments",
  },
  {
    image: "is for another chip",
    make: mutated((image) => resealed(patched(image, CHIP, 9, 0))),
    ends: "REJECTED",
    code: "image-chip",
  },
  {
    image: "needs another revision of the chip",
    make: mutated((image) => resealed(patched(image, MIN_REVISION, 0xff, 0x7f))),
    ends: "REJECTED",
    code: "image-revision",
  },
  {
    image: "has no digest byte",
    make: mutated((image) => patched(image, HASH_APPENDED, 0).slice(0, -32)),
    ends: "REJECTED",
    code: "image-no-digest",
  },
  {
    image: "has no application descriptor",
    make: mutated((image) => resealed(flipped(image, DESCRIPTOR))),
    ends: "REJECTED",
    code: "image-no-descriptor",
  },
  {
    image: "has a segment of 3 GB",
    make: mutated((image) => resealed(patched(image, FIRST_SEGMENT_LENGTH, 0, 0, 0, 0xc0))),
    ends: "REJECTED",
    code: "image-structure",
  },
  {
    image: "has a wrong checksum",
    make: mutated((image) => resealed(flipped(image, -33))),
    ends: "FAILED",
    code: "image-checksum",
  },
  {
    image: "has a wrong appended hash",
    make: mutated((image) => flipped(image, -1)),
    ends: "FAILED",
    code: "image-digest",
  },
  {
    image: "has a flipped bit",
    make: mutated((image) => flipped(image, 200_000)),
    ends: "FAILED",
    code: "image-checksum",
  },
  {
    image: "ends too early",
    make: mutated((image) => image.slice(0, -4096)),
    ends: "FAILED",
    code: "image-truncated",
  },
  {
    image: "is shorter than header and descriptor",
    make: mutated((image) => image.slice(0, 100)),
    ends: "REJECTED",
    code: "image-too-small",
  },
  {
    image: "is shorter than header and descriptor, and only the server says so",
    make: async (run) => ({ image: (await run.image(SECOND)).slice(0, 100), document: { size: undefined } }),
    ends: "FAILED",
    code: "image-truncated",
  },
  {
    image: "is a byte longer than the slot, and the document says so",
    make: (run) => ({ image: new Uint8Array((run.world.board.running?.size ?? 0) + 1) }),
    ends: "REJECTED",
    code: "image-too-large",
  },
  {
    image: "is a byte longer than the slot, and only the server says so",
    make: (run) => ({
      image: new Uint8Array((run.world.board.running?.size ?? 0) + 1),
      document: { size: undefined },
    }),
    ends: "REJECTED",
    code: "too-large",
  },
  {
    image: "is another project's",
    make: async () => ({ image: await good(SECOND, "somebody-elses") }),
    ends: "REJECTED",
    code: "project-mismatch",
  },
  {
    image: "is another version than the document says",
    make: async () => ({ image: await good("1.0.9") }),
    ends: "REJECTED",
    code: "version-mismatch",
  },
  {
    image: "has another digest than the document says",
    make: () => ({ document: { sha256: "00".repeat(32) } }),
    ends: "FAILED",
    code: "digest-mismatch",
  },
  {
    image: "is a byte shorter than the document says",
    make: () => ({ document: { size: DEFAULT_IMAGE_SIZE + 1 } }),
    ends: "FAILED",
    code: "size-mismatch",
  },
] satisfies BadImage[]);

const images = BAD_IMAGES.map(
  ({ image, make, ends, code, xs }): Story => ({
    it: `an image that ${image}: ${ends} with ${code}`,
    options: FAST,
    xs: xs === true,
    play: async (run) => {
      run.until(() => run.world.board.running !== undefined, "the board runs");
      await run.publish(await make(run));
      run.endsWith(ends, code);
      assert.equal(run.version, FIRST);
      await run.intact();
      run.world.board.pressReset();
      await run.publish({ jobId: "good" });
      run.succeeds(SECOND, "good");
    },
  }),
);

/** Ended with a code of ours, the old image runs and the board never restarted. */
function refused(run: Scenario, jobId: string, what: string): void {
  const status = run.end(jobId, HOUR);
  const { code = "" } = run.details(jobId);
  assert.ok(status === "FAILED" || status === "REJECTED", `${what}: ${status}\n${run.told()}`);
  assert.match(code, TYPED, what);
  assert.ok(code !== "internal-error", `${what}: ${run.details(jobId).detail}`);
  assert.equal(run.version, FIRST, what);
}

const [IMAGE_SEEDS, DOCUMENT_SEEDS, MESSAGE_SEEDS] = [60, 120, 12];

const seeded: readonly Story[] = [
  {
    it: `${IMAGE_SEEDS} damaged images, one after the other: each ends with a code, then a good one is installed`,
    options: FAST,
    play: async (run) => {
      const image = await trustingImage({ version: SECOND, size: SMALL });
      for (let seed = 1; seed <= IMAGE_SEEDS; seed++) {
        const jobId = `damaged-${seed}`;
        await run.publish({ jobId, image: damaged(image, seededRandom(seed)) });
        refused(run, jobId, `seed ${seed}`);
        assert.match(run.details(jobId).code ?? "", /^image-/, `seed ${seed}`);
      }
      await run.intact();
      await run.publish({ image });
      run.succeeds();
    },
  },
  {
    it: `${DOCUMENT_SEEDS} hostile documents, one after the other: refused with a code or left alone as another kind`,
    options: FAST,
    play: async (run) => {
      // What a harmless change lets through is refused by the image's project.
      const image = await trustingImage({ version: SECOND, size: SMALL, project: "somebody-elses" });
      const kinds = new Set<string>();
      for (let seed = 1; seed <= DOCUMENT_SEEDS; seed++) {
        const jobId = `hostile-${seed}`;
        const url = `\${aws:iot:s3-presigned-url:https://s3.us-east-1.amazonaws.com/firmware/${jobId}.bin}`;
        const plain = { operation: "app_fw_update", fwversion: SECOND, size: image.length, location: { url } };
        const document = hostileDocument(plain, seededRandom(seed));
        await run.publish({ jobId, image, document });
        if (isForeign(run, jobId)) {
          assert.equal(run.wire.updates.filter((update) => update.jobId === jobId).length, 0, `seed ${seed}`);
          kinds.add("other kind");
          run.cancel(jobId);
          run.pass(1000);
        } else {
          refused(run, jobId, `seed ${seed}: ${JSON.stringify(document).slice(0, 200)}`);
          kinds.add(run.details(jobId).code ?? "");
        }
      }
      for (const code of ["document-invalid", "project-mismatch", "insecure-url", "signature-unsupported"])
        assert.ok(kinds.has(code), `${code} is among ${[...kinds].join(", ")}`);
      await run.intact();
    },
  },
  {
    it: `${MESSAGE_SEEDS} hails of mangled messages in mid-download: no crash, and the update comes through or ends with a code`,
    options: { ...FAST, link: { bytesPerSecond: 50_000 } },
    play: async (run) => {
      run.pass(MINUTE);
      for (let seed = 1; seed <= MESSAGE_SEEDS; seed++) {
        const random = seededRandom(seed);
        const jobId = `hail-${seed}`;
        await run.publish({
          jobId,
          image: flipped(await trustingImage({ version: SECOND, size: SMALL }), SMALL - 5_000),
        });
        const notified = () =>
          run.wire.packets.filter(({ body }) => JSON.stringify(body.execution ?? "").includes(jobId)).at(-1);
        run.until(() => notified() !== undefined, "the job is notified", MINUTE);
        run.pass(1500);
        assert.equal(run.world.status(jobId), "IN_PROGRESS");
        const text = JSON.stringify(notified()?.body);
        const topics = ["notify-next", "$next/get/accepted", `${jobId}/update/accepted`, `${jobId}/update/rejected`];
        for (let message = 0; message < 30; message++) {
          const topic = topics[message % topics.length] ?? "notify-next";
          run.world.cloud.mqtt.publish(`$aws/things/${THING}/jobs/${topic}`, mangled(text, random) || "x");
        }
        refused(run, jobId, `seed ${seed}`);
      }
      assert.notEqual(run.traced("malformed-response").length, 0);
      await run.intact({ repeats: 3 });
      await run.publish();
      run.succeeds();
    },
  },
];

/** The agent hands it over, or refuses it, within a minute. */
function isForeign(run: Scenario, jobId: string): boolean {
  const handed = `job ${jobId} is not a firmware update`;
  run.until(
    () => run.traced(handed).length > 0 || !["QUEUED", undefined].includes(run.world.status(jobId)),
    `${jobId} is noticed`,
    5 * MINUTE,
  );
  return run.traced(handed).length > 0;
}

const BAD_DOCUMENTS: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = Object.freeze([
  ["a URL of 4126 characters", { location: { url: `https://files.example.net/${"x".repeat(4100)}` } }, "url-too-long"],
  ["a line end in its URL", { location: { url: "https://files.example.net/a\r\nHost: b" } }, "document-invalid"],
  ["a negative size", { size: -1 }, "document-invalid"],
  ["a version that is a number", { fwversion: 7 }, "document-invalid"],
]);

const documents: readonly Story[] = [
  ...BAD_DOCUMENTS.map(
    ([what, document, code]): Story => ({
      it: `a document with ${what}: REJECTED with ${code}, nothing is asked of the file server`,
      options: FAST,
      play: async (run) => {
        await run.publish({ document });
        run.endsWith("REJECTED", code);
        assert.equal(run.wire.requests.length, 0);
        await run.intact();
      },
    }),
  ),
  {
    it: "a document nested as deep as the service sends it: dropped, asked for again with pauses, gone when it is canceled",
    options: FAST,
    play: async (run) => {
      const deep = `{"operation":"app_fw_update","x":${"[".repeat(190)}${"]".repeat(190)}}`;
      const targets = [`arn:aws:iot:us-east-1:123456789012:thing/${THING}`];
      control.createJob(run.jobs, { jobId: "deep", targets, document: deep });
      run.untilTraced("malformed-response");
      run.pass(10 * MINUTE);
      const asked = run.wire.describes("$next").length;
      assert.ok(asked >= 5 && asked <= 60, `${asked} questions in ten minutes`);
      run.cancel("deep");
      await run.intact();
    },
  },
];

storySuite("hostile images", images);
storySuite("hostile documents", documents);
storySuite("seeded mutations", seeded);
