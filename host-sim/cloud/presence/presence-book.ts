import type { CloudContext, Stored } from "../context/context.js";
import { isMembers } from "../context/json.js";
import type { Registry } from "../context/registry.js";

/** Clients that are no things, and whose versions are remembered; when there are more all start anew. */
const MAX_STRANGERS = 10_000;
/** A client that was away for so long starts anew with version 0. [AWS IoT: Lifecycle events] */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** Whether a client is connected, since when, and why it is not. */
export type Presence = {
  readonly connected: boolean;
  /** Milliseconds since 1970 of the last change. */
  readonly timestamp: number;
  readonly disconnectReason?: string;
  /** Of the connection: greater than that of the one before. */
  readonly versionNumber: number;
  readonly sourceIp?: string;
};

/**
 * Who is connected and who was. That of clients whose id is the name of a thing outlives a restart of the cloud, for
 * they are what the fleet index knows.
 */
export class PresenceBook {
  readonly #context: CloudContext;
  readonly #registry: Pick<Registry, "thing">;
  readonly #strangers = new Map<string, Presence>();

  /** Whoever was connected when the last run of the cloud ended has lost its connection. */
  constructor(context: CloudContext, registry: Pick<Registry, "thing">) {
    this.#context = context;
    this.#registry = registry;
    for (const { key, value } of [...context.store.list(["presence"])]) {
      const presence = readPresence(value);
      if (presence?.connected === true) this.#end(key[1] ?? "", presence, "CONNECTION_LOST");
    }
  }

  /** Undefined for a client that never connected. */
  of(clientId: string): Presence | undefined {
    return this.#strangers.get(clientId) ?? readPresence(this.#context.store.get(["presence", clientId]));
  }

  /** Notes a connection and gives its version. */
  connected(clientId: string, sourceIp: string | undefined): number {
    const before = this.of(clientId);
    const now = this.#context.clock.now();
    const forgotten = before === undefined || (!before.connected && now - before.timestamp > FORGOTTEN_AFTER_MS);
    const versionNumber = forgotten ? 0 : before.versionNumber + 1;
    const address = sourceIp === undefined ? {} : { sourceIp };
    this.#put(clientId, { connected: true, timestamp: now, versionNumber, ...address });
    return versionNumber;
  }

  /** Notes the end of the connection of that version, unless another one has begun. */
  disconnected(clientId: string, versionNumber: number, reason: string): void {
    const presence = this.of(clientId);
    if (presence?.versionNumber === versionNumber && presence.connected) this.#end(clientId, presence, reason);
  }

  #end(clientId: string, { versionNumber }: Presence, disconnectReason: string): void {
    const timestamp = this.#context.clock.now();
    this.#put(clientId, { connected: false, timestamp, versionNumber, disconnectReason });
  }

  #put(clientId: string, presence: Presence): void {
    if (this.#registry.thing(clientId) !== undefined) {
      this.#strangers.delete(clientId);
      this.#context.store.put(["presence", clientId], presence);
      return;
    }
    if (this.#strangers.size >= MAX_STRANGERS && !this.#strangers.has(clientId)) this.#strangers.clear();
    this.#strangers.set(clientId, presence);
  }
}

function readPresence(value: Stored | undefined): Presence | undefined {
  if (!isMembers(value)) return undefined;
  const { connected, timestamp, versionNumber, disconnectReason, sourceIp } = value;
  return {
    connected: connected === true,
    timestamp: typeof timestamp === "number" ? timestamp : 0,
    versionNumber: typeof versionNumber === "number" ? versionNumber : 0,
    ...(typeof disconnectReason === "string" ? { disconnectReason } : {}),
    ...(typeof sourceIp === "string" ? { sourceIp } : {}),
  };
}
