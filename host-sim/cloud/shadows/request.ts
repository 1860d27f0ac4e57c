import { AwsError } from "../context/context.js";
import { isDeeperThan, isMembers, memberOf, type StoredMembers, storedOf } from "../context/json.js";
import { MAX_CLIENT_TOKEN_BYTES, MAX_STATE_BYTES, MAX_STATE_DEPTH } from "./limits.js";

/** The envelope of a request: `state`, `version`, `clientToken`, each as it came. */
export type RequestBody = Readonly<Record<string, unknown>>;

/** What an update asks for. A half that is null is to go. */
export interface UpdateRequest {
  readonly state: { readonly desired?: StoredMembers | null; readonly reported?: StoredMembers | null };
  readonly version: number | undefined;
  readonly clientToken: string | undefined;
}

function bad(message: string): AwsError {
  return new AwsError("InvalidRequest", message);
}

/**
 * The JSON object of a request; nothing at all is an empty one where the operation needs none.
 *
 * @throws AwsError `UnsupportedDocumentEncoding`, `InvalidRequest`
 */
export function readBody(payload: Uint8Array, mayBeEmpty: boolean): RequestBody {
  if (payload.byteLength === 0 && mayBeEmpty) return {};
  let value: unknown;
  try {
    value = JSON.parse(utf8(payload));
  } catch (error) {
    throw error instanceof AwsError ? error : bad("Invalid JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("Invalid JSON");
  return { ...value };
}

function utf8(payload: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch {
    const what = "Unsupported documented encoding; supported encoding is UTF-8";
    throw new AwsError("UnsupportedDocumentEncoding", what);
  }
}

/** @throws AwsError `InvalidRequest` */
export function clientTokenIn(body: RequestBody): string | undefined {
  const token = ownMember(body, "clientToken");
  if (token === undefined || token === null) return undefined;
  if (typeof token !== "string" || Buffer.byteLength(token) > MAX_CLIENT_TOKEN_BYTES) throw bad("Invalid clientToken");
  return token;
}

/** The version that a request wants to find. @throws AwsError `InvalidRequest` */
export function versionIn(body: RequestBody): number | undefined {
  const version = ownMember(body, "version");
  if (version === undefined || version === null) return undefined;
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 0) throw bad("Invalid version");
  return version;
}

/**
 * An update as it can be performed. [AWS IoT: Device Shadow error messages]
 *
 * @throws AwsError `InvalidRequest`, `RequestEntityTooLarge`
 */
export function readUpdate(body: RequestBody): UpdateRequest {
  const clientToken = clientTokenIn(body);
  const version = versionIn(body);
  const given = ownMember(body, "state");
  if (given === undefined) throw bad("Missing required node: state");
  if (isDeeperThan(given, MAX_STATE_DEPTH + 1)) {
    throw bad(`JSON contains too many levels of nesting; maximum is ${MAX_STATE_DEPTH}`);
  }
  const state = storedOf(given);
  if (!isMembers(state)) throw bad("State node must be an object");
  if (Object.keys(state).some((name) => name !== "desired" && name !== "reported")) {
    throw bad("State contains an invalid node");
  }
  checkSize(state);
  return { state: { ...half(state, "desired"), ...half(state, "reported") }, version, clientToken };
}

/** @throws AwsError `RequestEntityTooLarge` for a state that is longer than a shadow may be */
export function checkSize(state: StoredMembers): void {
  if (Buffer.byteLength(JSON.stringify(state)) <= MAX_STATE_BYTES) return;
  throw new AwsError("RequestEntityTooLarge", "The payload exceeds the maximum size allowed");
}

function half(state: StoredMembers, name: "desired" | "reported"): UpdateRequest["state"] {
  const value = memberOf(state, name);
  if (value === undefined) return {};
  if (value === null || isMembers(value)) return { [name]: value };
  throw bad(`${name === "desired" ? "Desired" : "Reported"} node must be an object`);
}

function ownMember(body: RequestBody, name: string): unknown {
  return Object.hasOwn(body, name) ? body[name] : undefined;
}
