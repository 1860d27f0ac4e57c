import { AwsError } from "../../context/context.js";
import type { GlobPart } from "./node.js";

/** A piece of a query. */
export type Token =
  | { readonly kind: "word"; readonly text: string; readonly parts: readonly GlobPart[] }
  | { readonly kind: "phrase"; readonly text: string }
  | { readonly kind: "symbol"; readonly text: string };

/** Longest query, and the longest with a wildcard at the beginning of a word. [AWS IoT: Fleet indexing quotas] */
export const MAX_QUERY_LENGTH = 1000;
export const MAX_LEADING_WILDCARD_LENGTH = 100;

const SYMBOLS = ["<=", ">=", "<", ">", ":", "(", ")", "[", "]", "{", "}"] as const;
/** Characters that the query syntax does not know, and those of Lucene's features that it lacks. */
const UNSUPPORTED = /[`@#%/';,~^!&|+=]/;
const SPACE = /\s/;

export function invalidQuery(what: string): AwsError {
  return new AwsError("InvalidQuery", `The query is invalid: ${what}`);
}

/** @throws AwsError `InvalidQuery` */
export function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < query.length; ) {
    const character = query[at] ?? "";
    if (SPACE.test(character)) {
      at += 1;
      continue;
    }
    const symbol = SYMBOLS.find((one) => query.startsWith(one, at));
    const read: { readonly token: Token; readonly end: number } =
      symbol !== undefined
        ? { token: { kind: "symbol", text: symbol }, end: at + symbol.length }
        : character === "-"
          ? { token: { kind: "symbol", text: "-" }, end: at + 1 }
          : character === '"'
            ? phraseAt(query, at)
            : wordAt(query, at);
    tokens.push(read.token);
    at = read.end;
  }
  return tokens;
}

function phraseAt(query: string, start: number): { token: Token; end: number } {
  let text = "";
  for (let at = start + 1; at < query.length; at += 1) {
    const character = query[at] ?? "";
    if (character === '"') return { token: { kind: "phrase", text }, end: at + 1 };
    if (character === "\\") at += 1;
    text += query[at] ?? "";
  }
  throw invalidQuery("a quotation mark is not closed");
}

/** Up to a blank or a symbol. What follows a backslash stands for itself. */
function wordAt(query: string, start: number): { token: Token; end: number } {
  const parts: GlobPart[] = [];
  let [text, literal, at] = ["", "", start];
  const flush = () => {
    if (literal !== "") parts.push({ kind: "text", text: literal.toLowerCase() });
    literal = "";
  };
  for (; at < query.length; at += 1) {
    const character = query[at] ?? "";
    if (SPACE.test(character) || character === '"' || SYMBOLS.some((one) => query.startsWith(one, at))) break;
    if (character === "\\") {
      at += 1;
      if (at >= query.length) throw invalidQuery("nothing follows a backslash");
      literal += query[at];
    } else if (character === "*" || character === "?") {
      flush();
      parts.push({ kind: character === "*" ? "any" : "one" });
    } else if (UNSUPPORTED.test(character)) throw invalidQuery(`the character ${character} is not supported`);
    else literal += character;
    text += query[at];
  }
  flush();
  return { token: { kind: "word", text, parts }, end: at };
}
