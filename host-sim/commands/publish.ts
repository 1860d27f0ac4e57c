import { readFileSync } from "node:fs";
import { httpsOperator, type Operator, OperatorError, readCloudFiles } from "local-aws-iot";
import { publishImage } from "../publish/index.js";
import { digestOf, isKeyId, KEY_ID_RULE, signatureOf } from "../signing/index.js";
import {
  type CommandOutput,
  type OptionTable,
  type OptionValues,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  repeatedText,
  requiredText,
  runCommand,
  UsageError,
  usageWhenThrown,
} from "./command-line.js";
import { readImage, readSigningKey } from "./signing-files.js";

const OPTIONS: OptionTable = {
  cloud: { type: "string" },
  image: { type: "string" },
  version: { type: "string" },
  thing: { type: "string", multiple: true },
  job: { type: "string" },
  location: { type: "string" },
  key: { type: "string" },
  "key-id": { type: "string" },
  unsigned: { type: "boolean" },
};

/**
 * `npm run publish`: signs an image with `--key`, puts it into the bucket of a running cloud and creates the job for
 * it, through the cloud's own HTTPS API. An image that nobody signs has to be asked for with `--unsigned`. Without
 * `--thing` the job is for every thing there is. Prints one JSON line. Exit code 2 after one line on stderr for bad
 * input.
 */
export function runPublish(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand("publish", output, async () => {
    const values = parseOptions(argv, OPTIONS);
    const dir = requiredText(values, "cloud");
    const file = requiredText(values, "image");
    const version = requiredText(values, "version");
    const jobId = optionalText(values, "job");
    const location = optionalText(values, "location") ?? "url";
    if (location !== "url" && location !== "path") throw new UsageError("--location must be url or path");
    const { cloud, credentials } = usageWhenThrown(() => readCloudFiles(dir));
    const image = readImage(file);
    const documentExtra = { sha256: digestOf(image), ...signing(values, image) };
    const ca = usageWhenThrown(() => readFileSync(cloud.ca, "utf8"));
    const { host, port } = cloud.https;
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
      ...(jobId === undefined ? {} : { jobId }),
    } as const;
    const published = await reached(publishImage({ operator, account: cloud.account }, wanted), dir);
    output.out(JSON.stringify({ ...published, things: thingNames }));
    return 0;
  });
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
