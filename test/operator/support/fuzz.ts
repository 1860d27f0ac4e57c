import assert from "node:assert/strict";
import fc from "fast-check";
import { buildPartitionTable, partitionsFromCsv } from "../../../modules/esp32-sim/index.js";
import { IMAGE_INFO_LENGTH, readImageInfo } from "../../../modules/ota-partition/image-header.js";
import { FotaError } from "../../../operator/failure/index.js";
import { factsOfShadow } from "../../../operator/fleet/index.js";
import { readImageFacts, readSlots } from "../../../operator/image/index.js";
import { readDocument, readNote, writeNote } from "../../../operator/jobs/index.js";
import { bytesTarget, textTarget } from "../../support/fuzz/fuzz-target.js";
import { outcomeOf } from "../../support/fuzz/invariants.js";
import { mutatedJson } from "../../support/fuzz/json.js";
import { mutatedBytes } from "../../support/fuzz/mutations.js";
import { image } from "./images.js";

const codeOf = (error: unknown): string | undefined =>
  error instanceof FotaError ? (/\(([a-z-]+)\)$/.exec(error.message)?.[1] ?? error.code) : undefined;

const IMAGES = [image("1.0.2", { size: 2000 }), image("v2", { size: 1500, project: "lamp" })];

export const operatorImages = bytesTarget({
  name: "operator-images",
  reads: "an image that an operator publishes, from a file",
  reaches: ["accepted", "image-magic", "image-truncated", "image-checksum", "image-no-descriptor", "image-too-small"],
  data: mutatedBytes(fc.constantFrom(...IMAGES), { most: 2 }),
  check: (bytes) => {
    const outcome = outcomeOf(() => readImageFacts(bytes, "x"), codeOf);
    if (outcome.kind === "error") return outcome.code;
    const { version, project, sha256 } = outcome.value;
    assert.match(`${version}${project}`, /^[\x20-\x7e]*$/, "what is printed is printable");
    assert.match(sha256, /^[0-9a-f]{64}$/);
    const chipId = new DataView(bytes.buffer, bytes.byteOffset).getUint16(12, true);
    assert.equal(
      readImageInfo(bytes.subarray(0, IMAGE_INFO_LENGTH), { chipId }).version,
      version,
      "as the device reads it",
    );
    return "accepted";
  },
});

const CSV = "nvs,data,nvs,0x9000,0x6000\notadata,data,ota,,8K\na,app,ota_0,0x20000,1M\nb,app,ota_1,,1M\n";
const TABLES = [Buffer.from(CSV), buildPartitionTable(partitionsFromCsv(CSV)).subarray(0, 200)];

export const operatorTables = bytesTarget({
  name: "operator-tables",
  reads: "a partition table that an operator names, text or records",
  reaches: ["accepted", "usage"],
  data: mutatedBytes(fc.constantFrom(...TABLES.map((table) => new Uint8Array(table))), { most: 2 }),
  check: (bytes) => {
    const outcome = outcomeOf(() => readSlots(bytes, "x"), codeOf);
    if (outcome.kind === "error") return outcome.code;
    assert.ok(outcome.value.length >= 2);
    for (const { name, size } of outcome.value)
      assert.ok(/^ota_\d+$/.test(name) && Number.isSafeInteger(size) && size >= 0);
    return "accepted";
  },
});

const TIMES = { reported: { version: { timestamp: 1_700_000_000 }, boots: { timestamp: 1_700_000_009 } } };
const SHADOWS: readonly unknown[] = [
  { state: { reported: { version: "1.0.2", boots: 3, quarantine: "ab" } }, metadata: TIMES, version: 4 },
  { state: { reported: { lamp: { version: "1.0.2", attributes: { slot: "ota_0" } } } }, metadata: TIMES },
];

export const operatorShadows = textTarget({
  name: "operator-shadows",
  reads: "what a device reports in its shadow",
  reaches: ["told", "nothing"],
  data: mutatedJson(fc.constantFrom(...SHADOWS), [
    "state",
    "reported",
    "version",
    "attributes",
    "metadata",
    "timestamp",
  ]),
  check: (text, salt) => {
    const facts = factsOfShadow("x", salt % 2 === 0 ? "fota" : "$package", text);
    if (facts === undefined) return "nothing";
    const { heardAt, connected, connectedAt, ...texts } = facts;
    for (const value of Object.values(texts)) assert.equal(typeof value, "string");
    assert.deepEqual([connected, connectedAt], [undefined, undefined]);
    assert.ok(heardAt === undefined || !Number.isNaN(heardAt.getTime()));
    return "told";
  },
});

const NOTES: readonly unknown[] = [
  { fota: 1, version: "1.0.2", things: 9, canary: { things: 2, rest: ["a", "b"], soak: 30, fail: 0.5 } },
  { fota: 1, version: "1.0.2", things: 9, after: { job: "j", how: "retry" } },
  { operation: "app_fw_update", fwversion: "1", location: { url: `\${aws:iot:s3-presigned-url:https://s3.x/b/k}` } },
];

export const operatorNotes = textTarget({
  name: "operator-notes",
  reads: "the description and the document of a job, whoever made it",
  reaches: ["note", "document", "nothing"],
  data: mutatedJson(fc.constantFrom(...NOTES), [
    "fota",
    "things",
    "canary",
    "rest",
    "soak",
    "after",
    "how",
    "location",
  ]),
  check: (text) => {
    const document = readDocument(text);
    const note = readNote(text);
    if (note === undefined) return document === undefined ? "nothing" : "document";
    const written = writeNote(note);
    if (written !== undefined) assert.deepEqual(readNote(written), note, "written and read it is the same");
    return "note";
  },
});
