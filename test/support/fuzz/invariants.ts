/** What holds of every parser. */
import assert from "node:assert/strict";
import { seededRandom } from "../../../host-sim/board/random.js";

/** Pieces of `bytes` as a network might cut them: whole, byte by byte, or anyhow, with empty ones between. */
export function cutBytes(bytes: Uint8Array, salt: number): Uint8Array[] {
  const random = seededRandom(salt);
  const style = Math.floor(random() * 4);
  if (style === 0) return [bytes];
  const longest = style === 1 ? 1 : style === 2 ? 7 : 1 + Math.floor(random() * bytes.length);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (random() < 0.05) pieces.push(bytes.subarray(at, at));
    const end = at + 1 + Math.floor(random() * longest);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** What a call ended in: its result, or the code of an error of the one class that it may throw. */
export type Outcome<Result> =
  | { readonly kind: "value"; readonly value: Result }
  | { readonly kind: "error"; readonly code: string; readonly message: string };

/**
 * Runs `call`. Another exception than one of `expected` passes, and is what the fuzzer looks for.
 * @param expected gives the code of an error that belongs to the parser
 */
export function outcomeOf<Result>(
  call: () => Result,
  expected: (error: unknown) => string | undefined,
): Outcome<Result> {
  try {
    return { kind: "value", value: call() };
  } catch (error) {
    const code = expected(error);
    if (code === undefined) throw error;
    return { kind: "error", code, message: error instanceof Error ? error.message : "" };
  }
}

/** For messages that reach traces and `statusDetails`: short, and without the secret that the inputs carry. */
export function assertSafeMessage(message: string, most: number): void {
  assert.ok(message.length <= most, `a message of ${message.length} characters`);
  assert.ok(!/secret/i.test(message), `a message repeats the secret: ${message}`);
}

/** Deepest nesting of JSON that may be given to the engine: its parser recurses on a small stack. */
export const MAX_JSON_DEPTH = 24;

function depthOf(text: string): number {
  let [level, deepest, inString] = [0, 0, false];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++level);
    else if (character === "}" || character === "]") level -= 1;
  }
  return deepest;
}

/** Runs device code and sees to it that the engine's JSON parser is given nothing too deep for its stack. */
export function withShallowJson<Result>(call: () => Result): Result {
  const { parse } = JSON;
  let deepest = 0;
  JSON.parse = (text: string, reviver?: (key: string, value: unknown) => unknown): unknown => {
    deepest = Math.max(deepest, depthOf(text));
    return parse(text, reviver);
  };
  try {
    return call();
  } finally {
    JSON.parse = parse;
    // Said here, since the code that parses may catch everything.
    assert.ok(deepest <= MAX_JSON_DEPTH, `JSON nested ${deepest} deep is given to the engine`);
  }
}
