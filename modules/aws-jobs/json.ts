import { parseJson } from "../foundation/json.js";
import { decodeUtf8 } from "../mqtt-session/index.js";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns the object, or `undefined` when `payload` is not the UTF-8 text of a JSON object that is nested a little */
export function parsePayload(payload: Uint8Array): JsonObject | undefined {
  const text = decodeUtf8(payload);
  const value = text === undefined ? undefined : parseJson(text)?.value;
  return isObject(value) ? value : undefined;
}
