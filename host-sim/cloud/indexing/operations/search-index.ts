import {
  definedMembers,
  invalidRequest,
  type OperationInput,
  optionalNumber,
  optionalText,
} from "../../context/fields.js";
import { queryIn } from "../query-input.js";
import { type IndexingService, THINGS_INDEX } from "../service.js";

const MAX_RESULTS = 100;

/**
 * [AWS IoT: SearchIndex] In the order of their names.
 *
 * @throws AwsError `InvalidRequest`, `InvalidQuery`, `IndexNotReady`, `ResourceNotFound`
 */
export function searchIndex(service: IndexingService, input: OperationInput) {
  const most = optionalNumber(input, "maxResults", { min: 1, max: MAX_RESULTS }) ?? MAX_RESULTS;
  const after = afterIn(input);
  const things: object[] = [];
  let last: string | undefined;
  for (const { thingName, document } of service.search(
    optionalText(input, "indexName") ?? THINGS_INDEX,
    queryIn(input),
  )) {
    if (after !== undefined && thingName <= after) continue;
    if (things.length === most) return { things, nextToken: Buffer.from(`after:${last}`).toString("base64") };
    things.push(document);
    last = thingName;
  }
  return definedMembers({ things });
}

function afterIn(input: OperationInput): string | undefined {
  const token = optionalText(input, "nextToken");
  if (token === undefined || token === "") return undefined;
  const text = Buffer.from(token, "base64").toString("utf8");
  if (!text.startsWith("after:")) throw invalidRequest("nextToken is not valid");
  return text.slice("after:".length);
}
