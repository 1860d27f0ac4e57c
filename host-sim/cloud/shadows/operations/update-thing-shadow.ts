import { AwsError } from "../../context/context.js";
import { deltaOf } from "../delta.js";
import { type Merged, merge } from "../merge.js";
import type { ShadowId, ShadowRecord } from "../record.js";
import { checkSize, type RequestBody, readUpdate, type UpdateRequest } from "../request.js";
import type { ShadowService } from "../service.js";

const HALVES = ["desired", "reported"] as const;

/**
 * [AWS IoT: UpdateThingShadow] Tells the subscribers of `accepted`, of `delta` while something differs, and of
 * `documents`. Returns what `accepted` says.
 *
 * @throws AwsError `InvalidRequest`, `Conflict`, `RequestEntityTooLarge`
 */
export function updateThingShadow(service: ShadowService, id: ShadowId, body: RequestBody) {
  const request = readUpdate(body);
  return service.transaction(() => {
    const before = service.store.shadow(id);
    const lastVersion = service.store.version(id);
    if (request.version !== undefined && request.version !== lastVersion) {
      throw new AwsError("Conflict", "Version conflict");
    }
    const { shadow, metadata } = changed(before, request, lastVersion + 1, service);
    checkSize(shadow.state);
    service.store.put(id, shadow);
    const { timestamp } = service;
    const { version } = shadow;
    const token = request.clientToken === undefined ? {} : { clientToken: request.clientToken };
    const accepted = { state: request.state, metadata, version, timestamp, ...token };
    service.send(id, "update/accepted", accepted);
    const delta = deltaOf(shadow);
    if (delta !== undefined) service.send(id, "update/delta", { version, timestamp, ...delta, ...token });
    const previous = before === undefined ? {} : { previous: documentOf(before) };
    service.send(id, "update/documents", { ...previous, current: documentOf(shadow), timestamp, ...token });
    return accepted;
  });
}

function changed(
  before: ShadowRecord | undefined,
  { state: change }: UpdateRequest,
  version: number,
  { now, timestamp }: ShadowService,
): { shadow: ShadowRecord; metadata: Partial<Record<"desired" | "reported", object>> } {
  const state: Partial<Record<"desired" | "reported", Merged["value"]>> = {};
  const metadata: Partial<Record<"desired" | "reported", Merged["metadata"]>> = {};
  const written: Partial<Record<"desired" | "reported", Merged["written"]>> = {};
  for (const half of HALVES) {
    const old = { value: before?.state[half] ?? {}, metadata: before?.metadata[half] ?? {} };
    const wanted = change[half];
    if (wanted === null) continue;
    const merged = merge(old, wanted ?? {}, timestamp);
    if (Object.keys(merged.value).length > 0) {
      state[half] = merged.value;
      metadata[half] = merged.metadata;
    }
    if (wanted !== undefined) written[half] = merged.written;
  }
  return { shadow: { state, metadata, version, changedAt: now }, metadata: written };
}

function documentOf({ state, metadata, version }: ShadowRecord) {
  return { state, metadata, version };
}
