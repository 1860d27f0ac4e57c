import type { FuzzInput } from "./fuzz-target.js";

/** A case that once broke an invariant, as it is kept under `test/fixtures/fuzz`. */
export type FoundCase = {
  readonly target: string;
  /** What was wrong, in a sentence. */
  readonly found: string;
  /** The verdict it has to have. */
  readonly verdict: string;
  readonly input: FuzzInput;
};

/** The JSON of a case: bytes as hexadecimal digits, text as text. */
export function encodeFoundCase({ target, found, verdict, input: { data, salt } }: FoundCase): string {
  const written = typeof data === "string" ? { text: data } : { hex: Buffer.from(data).toString("hex") };
  return `${JSON.stringify({ target, found, verdict, ...written, salt }, undefined, 2)}\n`;
}

/** @throws TypeError when the file is no case */
export function decodeFoundCase(json: string): FoundCase {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  const members: Readonly<Record<string, unknown>> = { ...value };
  const { target, found, verdict, text, hex, salt } = members;
  const data = typeof text === "string" ? text : typeof hex === "string" ? Buffer.from(hex, "hex") : undefined;
  if (typeof target !== "string" || typeof found !== "string" || typeof verdict !== "string")
    throw new TypeError("target, found or verdict is missing");
  if (data === undefined || typeof salt !== "number") throw new TypeError("text or hex, or the salt, is missing");
  return { target, found, verdict, input: { data: typeof data === "string" ? data : new Uint8Array(data), salt } };
}
