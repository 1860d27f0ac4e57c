import { AwsError } from "../context/context.js";
import { type IotInput, optionalInteger, optionalText } from "./input.js";

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 250;

/**
 * Members that carry the page: newer operations say `maxResults` and `nextToken`, older ones `pageSize` and `marker`.
 */
export interface PageMembers {
  readonly size: string;
  readonly token: string;
  readonly next: string;
}
const TOKEN_PAGE: PageMembers = Object.freeze({ size: "maxResults", token: "nextToken", next: "nextToken" });
export const MARKER_PAGE: PageMembers = Object.freeze({ size: "pageSize", token: "marker", next: "nextMarker" });

/** The key behind which the page of a request begins. Error: `InvalidRequest` for a token that is not ours. */
export function pageStart(input: IotInput, members: PageMembers = TOKEN_PAGE): string | undefined {
  const token = optionalText(input, members.token);
  return token === undefined || token === "" ? undefined : decode(token, members.token);
}

/**
 * One page of `items`, which must be in the order of their keys. The token names the last key given out, so that a page
 * stays right when items come and go between two calls. Error: `InvalidRequest` for a token that is not ours or a size
 * outside 1...250.
 */
export function pageOf<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  input: IotInput,
  members: PageMembers = TOKEN_PAGE,
): { items: T[]; next: Record<string, string> } {
  const size = optionalInteger(input, members.size, 1, LARGEST_PAGE) ?? DEFAULT_PAGE;
  const after = pageStart(input, members);
  const page: T[] = [];
  let last = "";
  for (const item of items) {
    const key = keyOf(item);
    if (after !== undefined && key <= after) continue;
    if (page.length === size) return { items: page, next: { [members.next]: encode(last) } };
    page.push(item);
    last = key;
  }
  return { items: page, next: {} };
}

function encode(key: string): string {
  return Buffer.from(`after:${key}`).toString("base64");
}

function decode(token: string, member: string): string {
  const text = Buffer.from(token, "base64").toString("utf8");
  if (!text.startsWith("after:")) throw new AwsError("InvalidRequest", `${member} is not valid`);
  return text.slice(6);
}
