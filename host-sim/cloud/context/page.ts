import { invalidRequest, type OperationInput, optionalNumber, optionalText } from "./fields.js";

/** Entries of a page where the API does not say another number. [AWS IoT: API Reference] */
const MAX_PAGE = 250;
const DEFAULT_PAGE = 25;

export interface PageEntry<T> {
  /** Places the entry in the list; entries are sorted by it. */
  readonly cursor: string;
  readonly item: T;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** The part of a list that `maxResults` and `nextToken` of the request ask for. */
export function page<T>(
  input: OperationInput,
  entries: readonly PageEntry<T>[],
  sizes: { readonly most: number; readonly usual: number } = { most: MAX_PAGE, usual: DEFAULT_PAGE },
): Page<T> {
  const maxResults = optionalNumber(input, "maxResults", { min: 1, max: sizes.most, text: true }) ?? sizes.usual;
  const token = optionalText(input, "nextToken");
  const after = token === undefined ? "" : cursorOf(token);
  const sorted = entries
    .filter((entry) => entry.cursor > after)
    .sort((a, b) => (a.cursor < b.cursor ? -1 : a.cursor > b.cursor ? 1 : 0));
  const shown = sorted.slice(0, maxResults);
  const items = shown.map((entry) => entry.item);
  const last = shown.at(-1);
  if (last === undefined || sorted.length === shown.length) return { items };
  return { items, nextToken: Buffer.from(last.cursor, "utf8").toString("base64url") };
}

function cursorOf(token: string): string {
  const cursor = Buffer.from(token, "base64url").toString("utf8");
  if (cursor === "" || Buffer.from(cursor, "utf8").toString("base64url") !== token) {
    throw invalidRequest("nextToken is not valid");
  }
  return cursor;
}

/**
 * The same of a long list whose entries come in the order of their cursors.
 *
 * @param behind the entries whose cursor is behind that one, or all
 */
export function pageInOrder<T>(
  input: OperationInput,
  behind: (after: string | undefined) => Iterable<PageEntry<T>>,
): Page<T> {
  const maxResults = optionalNumber(input, "maxResults", { min: 1, max: MAX_PAGE, text: true }) ?? DEFAULT_PAGE;
  const token = optionalText(input, "nextToken");
  const items: T[] = [];
  let last = "";
  for (const { cursor, item } of behind(token === undefined ? undefined : cursorOf(token))) {
    if (items.length === maxResults) return { items, nextToken: Buffer.from(last, "utf8").toString("base64url") };
    items.push(item);
    last = cursor;
  }
  return { items };
}

/** Sorts later moments first. */
export function latestFirst(ms: number): string {
  return String(Number.MAX_SAFE_INTEGER - ms).padStart(16, "0");
}
