/**
 * Counts what parsers do with hostile input of one length and of four times that, in blocks of code that ran: the
 * engine's own coverage counts them, so that the figures are the same on every computer. What happens within the
 * engine (a regular expression, a search in a string) is not counted.
 *
 * A process of its own, because counting takes the counts away from a run that measures the coverage of the tests.
 * Prints one JSON object: name to the two counts.
 */
import { Session } from "node:inspector";
import { decodeRecord } from "../../modules/aws-fota/fota-record.js";
import { parseJobDocument } from "../../modules/aws-fota/job-document.js";
import { safeText } from "../../modules/aws-fota/status-details.js";
import { parsePayload } from "../../modules/aws-jobs/json.js";
import { parseTopic } from "../../modules/aws-jobs/topics.js";
import { buildDescriptor, buildImage, partitionsFromCsv } from "../../modules/esp32-sim/index.js";
import { classifyError } from "../../modules/fota-download/error-body.js";
import { presignedLifetime } from "../../modules/fota-download/presigned-url.js";
import { parseUrl } from "../../modules/fota-download/url.js";
import { bytesFromBase64 } from "../../modules/foundation/base64.js";
import { bytesFromHex } from "../../modules/foundation/hex.js";
import { parseJson } from "../../modules/foundation/json.js";
import { Reassembly } from "../../modules/mqtt-session/reassembly.js";
import { isFilter, matchesFilter } from "../../modules/mqtt-session/topic-filter.js";
import { decodeUtf8 } from "../../modules/mqtt-session/utf8.js";
import { ImageCheck } from "../../modules/ota-partition/image-check.js";
import { NodeDigest } from "../esp32-sim/support/node-digest.js";

const LENGTH = 2000;
const TIMES = 4;

/** Runs a parser on input of about `length`. What it throws is its answer. */
type Growing = (length: number) => void;

const GROWING: Readonly<Record<string, Growing>> = {
  json: (length) => void parseJson("[".repeat(length)),
  "json of strings": (length) => void parseJson(`"${'\\"['.repeat(length)}`),
  utf8: (length) => void decodeUtf8(new Uint8Array(length).fill(0x61)),
  base64: (length) => void bytesFromBase64("A".repeat(length - (length % 4))),
  hex: (length) => void bytesFromHex("a".repeat(length - (length % 2))),
  payload: (length) => void parsePayload(Buffer.from(`{"a":"${"x".repeat(length)}"}`)),
  "job document of many members": (length) =>
    void parseJobDocument(Object.fromEntries(Array.from({ length }, (_, index) => [`sig-${index}`, index]))),
  "job document of many files": (length) =>
    void parseJobDocument({ afr_ota: { protocols: Array(length).fill("x"), files: [] } }),
  "record of many details": (length) => {
    const details = Object.fromEntries(Array.from({ length }, (_, index) => [`k${index}`, "v"]));
    const job = { jobId: "j", executionNumber: 1, from: "1", slot: "s", offset: 0, attempts: 0 };
    const bill = { bytes: 0, requests: 0, erases: 0, stores: 0 };
    const terminal = { status: "FAILED", details };
    decodeRecord(JSON.stringify({ v: 1, phase: "reporting", job, terminal, quarantined: [], bill }));
  },
  "status text": (length) => void safeText("https://h/x ".repeat(length)),
  topic: (length) => void parseTopic("t", `$aws/things/t/jobs/${"a/".repeat(length)}`),
  filter: (length) => void isFilter("+/".repeat(length)),
  "filter and topic": (length) => void matchesFilter("+/".repeat(length), "a/".repeat(length)),
  url: (length) => void parseUrl(`https://h/${"a?".repeat(length)}`),
  "url of many dots": (length) => void parseUrl(`https://${"a.".repeat(length)}`),
  "presigned url": (length) => void presignedLifetime(`/?${"X-Amz-Date=&".repeat(length)}`),
  "error body": (length) => void classifyError(403, "<Code>".repeat(length)),
  "partition source": (length) => void partitionsFromCsv("# comment\n".repeat(length)),
  "image, byte by byte": (length) => {
    const data = new Uint8Array(length - (length % 4));
    const segments = [
      { address: 0x3f400020, data: buildDescriptor({ version: "1.0.2", project: "growth" }) },
      { address: 0, data },
    ];
    const check = new ImageCheck(new NodeDigest("SHA256"));
    for (const byte of buildImage({ segments, Digest: NodeDigest })) check.write(Uint8Array.of(byte));
    check.end();
  },
  "message, byte by byte": (length) => {
    const reassembly = new Reassembly(100_000);
    reassembly.begin("t", length, true);
    for (let left = length; left > 0; left--) {
      reassembly.space(1);
      reassembly.filled(1);
    }
    reassembly.end();
  },
};

const session = new Session();
session.connect();

/** Blocks of the library that ran since the last call. */
function blocks(): number {
  let sum = 0;
  session.post("Profiler.takePreciseCoverage", (error, { result }) => {
    if (error !== null) throw error;
    for (const { url, functions } of result) {
      if (!url.includes("/modules/") || url.includes("node_modules")) continue;
      for (const { ranges } of functions) for (const range of ranges) sum += range.count;
    }
  });
  return sum;
}

function count(run: Growing, length: number): number {
  blocks();
  try {
    run(length);
  } catch {
    // Refused: the work is done.
  }
  return blocks();
}

session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
const counts = Object.entries(GROWING).map(([name, run]) => {
  // The first call makes the engine compile.
  count(run, 10);
  return [name, [count(run, LENGTH), count(run, TIMES * LENGTH)]];
});
process.stdout.write(JSON.stringify(Object.fromEntries(counts)));
