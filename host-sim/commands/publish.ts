import { readFileSync } from "node:fs";
import { makePatch } from "fota-operator/patch";
import { httpsOperator, type Operator, OperatorError, readCloudFiles } from "local-aws-iot";
import { readDescriptor } from "../../modules/esp32-sim/index.js";
import {
  type CommandOutput,
  type Manual,
  type OptionValues,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  repeatedText,
  requiredText,
  runCommand,
  UsageError,
  usageWhenThrown,
} from "../command-line/index.js";
import { type PublishedPatch, publishImage } from "../publish/index.js";
import { digestOf, isKeyId, KEY_ID_RULE, signatureOf } from "../signing/index.js";
import { readImage, readSigningKey } from "./signing-files.js";

/** Behind the image's header and that of its first segment. [ESP-IDF esp_app_desc.h] */
const DESCRIPTOR_OFFSET = 32;
/** With the image and its compressed form ten URLs would be signed, which is the service's limit. */
const MAX_BASES = 7;

const PUBLISH: Manual = {
  name: "publish",
  does: "Signs an image, puts it into the bucket of a running local cloud and creates the job for it. Prints one JSON line.",
  options: {
    cloud: { type: "string", value: "DIR", does: "the cloud's folder, as npm run cloud -- --dir has it" },
    image: { type: "string", value: "FILE", does: "the image" },
    version: { type: "string", value: "X", does: "its version, for the job document" },
    thing: { type: "string", multiple: true, value: "NAME", does: "a thing that the job is for (default every one)" },
    job: { type: "string", value: "ID", does: "the job's id (default one of the version)" },
    location: { type: "string", value: "url|path", does: "how the document names the image (default url)" },
    key: { type: "string", value: "FILE", does: "the private key that signs it (PEM)" },
    "key-id": { type: "string", value: "ID", does: "which of its keys the firmware shall take" },
    from: { type: "string", multiple: true, value: "FILE", does: "an image that may be installed: a patch against it" },
    compressed: { type: "boolean", does: "offer the image compressed, too, for devices with another one" },
    unsigned: { type: "boolean", does: "publish without a signature" },
  },
  example: "--cloud .state/cloud --image v2.bin --version 1.0.2 --key keys/code-signing-key.private.pem",
  exits: { 0: "the job is there" },
};

/** @returns the exit code, see {@link PUBLISH} */
export function runPublish(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(PUBLISH, argv, output, async ({ doing }) => {
    const values = parseOptions(argv, PUBLISH.options);
    const dir = requiredText(values, "cloud");
    const file = requiredText(values, "image");
    const version = requiredText(values, "version");
    const jobId = optionalText(values, "job");
    const location = optionalText(values, "location") ?? "url";
    if (location !== "url" && location !== "path") throw new UsageError("--location must be url or path");
    const { cloud, credentials } = usageWhenThrown(() => readCloudFiles(dir));
    const image = readImage(file);
    const patches = patchesOf(values, image);
    const documentExtra = { sha256: digestOf(image), ...signing(values, image) };
    const ca = usageWhenThrown(() => readFileSync(cloud.ca, "utf8"));
    const { host, port } = cloud.https;
    doing(`the cloud at ${host}:${port} is asked`);
    const operator = httpsOperator({ origin: `https://${host}:${port}`, region: cloud.region, ca, credentials });
    const thingNames = repeatedText(values, "thing") ?? (await reached(allThings(operator), dir));
    if (thingNames.length === 0)
      throw new UsageError("the cloud has no thing; give it one with npm run cloud -- --thing NAME");
    const wanted = {
      image,
      version,
      thingNames,
      location,
      documentExtra,
      patches,
      ...(jobId === undefined ? {} : { jobId }),
    } as const;
    const published = await reached(publishImage({ operator, account: cloud.account }, wanted), dir);
    output.out(JSON.stringify({ ...published, things: thingNames }));
    return 0;
  });
}

/** What is offered beside the image, smallest need first: a patch against each base, then the image compressed. */
function patchesOf(values: OptionValues, image: Uint8Array): PublishedPatch[] {
  const bases = repeatedText(values, "from") ?? [];
  const patches = bases.map((file): PublishedPatch => {
    const base = readImage(file);
    if (Buffer.compare(base, image) === 0) throw new UsageError(`--from ${file} is the image itself`);
    const version = readDescriptor(base.subarray(DESCRIPTOR_OFFSET))?.version;
    return { bytes: makePatch({ from: base, to: image }), base: { image: base, ...(version && { version }) } };
  });
  if (patches.length > MAX_BASES) throw new UsageError(`--from: at most ${MAX_BASES}, AWS IoT signs no more URLs`);
  return values.compressed === true ? [...patches, { bytes: makePatch({ to: image }) }] : patches;
}

/** The document's members about the signature. */
function signing(values: OptionValues, image: Uint8Array): Readonly<Record<string, string>> {
  const keyFile = optionalText(values, "key");
  const keyId = optionalText(values, "key-id");
  const unsigned = values.unsigned === true;
  if (keyFile === undefined && !unsigned) {
    throw new UsageError("--key FILE is missing (npm run keygen makes one); --unsigned publishes without a signature");
  }
  if (unsigned && (keyFile ?? keyId) !== undefined) throw new UsageError("--unsigned and a key exclude each other");
  if (keyFile === undefined) return {};
  if (keyId !== undefined && !isKeyId(keyId)) throw new UsageError(`--key-id ${keyId}: ${KEY_ID_RULE}`);
  const signature = signatureOf(image, readSigningKey(keyFile));
  return { "sig-sha256-ecdsa": signature, ...(keyId === undefined ? {} : { "sig-key-id": keyId }) };
}

async function allThings(operator: Operator): Promise<string[]> {
  const names: string[] = [];
  let token = "";
  do {
    const query = token === "" ? "" : `&nextToken=${encodeURIComponent(token)}`;
    const { text } = await operator.send({ service: "iot", method: "GET", target: `/things?maxResults=250${query}` });
    const page: unknown = JSON.parse(text);
    if (typeof page !== "object" || page === null || !("things" in page) || !Array.isArray(page.things)) return names;
    for (const thing of page.things) {
      if (typeof thing === "object" && thing !== null && typeof thing.thingName === "string")
        names.push(thing.thingName);
    }
    token = "nextToken" in page && typeof page.nextToken === "string" ? page.nextToken : "";
  } while (token !== "");
  return names;
}

/** A refusal of the cloud is an answer to bad input; no answer at all means that it does not run. */
async function reached<T>(answer: Promise<T>, dir: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OperatorError) throw new UsageError(error.message);
    const reason = error instanceof Error ? error.message : "no answer";
    throw new UsageError(`the cloud of ${dir} does not answer (${reason}); is it running?`);
  }
}
