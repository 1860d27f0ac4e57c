/**
 * Faults on order for MQTT connections: what shall happen to which packets. Pure: the front ends ask {@link
 * FaultPlan.decide} for each packet and carry out the answer, so the broker with real sockets and the virtual server
 * misbehave alike.
 */

/** Seen from the cloud: `in` comes from the device, `out` goes to it. */
export type FaultDirection = "in" | "out";

/** Which packets a fault is for. */
export interface FaultMatch {
  /** Both directions when absent. */
  readonly direction?: FaultDirection;
  /** Any client when absent; packets before CONNECT was read belong to the client id "". */
  readonly clientId?: string;
  /** MQTT packet name such as `publish` or `suback`; any when absent. */
  readonly packet?: string;
  /** For PUBLISH: regular expression that the topic has to match. */
  readonly topic?: string;
  /** Matching packets let through before the fault begins; 0 by default. */
  readonly skip?: number;
  /** Packets affected; 1 by default. */
  readonly count?: number;
}

/** What happens to them. */
export type FaultEffect =
  | { readonly kind: "drop" }
  | { readonly kind: "duplicate" }
  /** Holds the packet until the next one of its direction has passed, or 1 s. */
  | { readonly kind: "reorder" }
  /** Inverts one byte, by default the last one. */
  | { readonly kind: "corrupt"; readonly offset?: number }
  | { readonly kind: "delay"; readonly ms: number }
  /** Closes the connection instead of passing the packet. */
  | { readonly kind: "close" }
  /**
   * Closes the connection once that many bytes have passed in the direction, in the middle of a packet where it falls
   * so.
   */
  | { readonly kind: "close-after-bytes"; readonly bytes: number };

/** A fault on order. */
export type FaultRule = FaultMatch & FaultEffect;

export interface PacketSeen {
  readonly direction: FaultDirection;
  readonly clientId: string;
  readonly packet: string;
  readonly topic?: string | undefined;
  readonly byteLength: number;
  /** Bytes that passed on this connection in this direction before the packet. */
  readonly bytesBefore: number;
}

export type FaultDecision = FaultEffect | { readonly kind: "pass" };

const PASS: FaultDecision = Object.freeze({ kind: "pass" });

interface ActiveRule {
  readonly id: number;
  readonly rule: FaultRule;
  skip: number;
  left: number;
}

/** The faults on order. A rule is used up packet by packet; the first that matches wins. */
export class FaultPlan {
  readonly #rules: ActiveRule[] = [];
  #nextId = 1;

  /** Orders a fault. Returns an id for {@link remove}. */
  add(rule: FaultRule): number {
    const id = this.#nextId++;
    this.#rules.push({ id, rule, skip: rule.skip ?? 0, left: rule.count ?? 1 });
    return id;
  }

  remove(id: number): void {
    const index = this.#rules.findIndex((active) => active.id === id);
    if (index >= 0) this.#rules.splice(index, 1);
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** The faults that are not used up. */
  list(): readonly { readonly id: number; readonly left: number; readonly rule: FaultRule }[] {
    return this.#rules.map(({ id, left, rule }) => ({ id, left, rule }));
  }

  /** What shall happen to a packet; counts down the rule that applies. The earliest ordered one wins. */
  decide(seen: PacketSeen): FaultDecision {
    for (const active of this.#rules) {
      if (!matches(active.rule, seen) || !reached(active.rule, seen)) continue;
      if (active.skip > 0) {
        active.skip--;
        continue;
      }
      active.left--;
      if (active.left === 0) this.remove(active.id);
      return active.rule;
    }
    return PASS;
  }
}

function matches(rule: FaultRule, seen: PacketSeen): boolean {
  return (
    (rule.direction === undefined || rule.direction === seen.direction) &&
    (rule.clientId === undefined || rule.clientId === seen.clientId) &&
    (rule.packet === undefined || rule.packet === seen.packet) &&
    (rule.topic === undefined || (seen.topic !== undefined && new RegExp(rule.topic).test(seen.topic)))
  );
}

function reached(rule: FaultRule, seen: PacketSeen): boolean {
  return rule.kind !== "close-after-bytes" || seen.bytesBefore + seen.byteLength > rule.bytes;
}
