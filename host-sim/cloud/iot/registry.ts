import { arnOf } from "../context/arns.js";
import { AwsError, type CloudContext, type Stored } from "../context/context.js";
import { listed } from "../context/listed.js";
import { ancestorsOf, thingsOf } from "./group-tree.js";
import {
  type CertificateRecord,
  type GroupRecord,
  type PolicyRecord,
  readCertificate,
  readGroup,
  readPolicy,
  readThing,
  type ThingRecord,
} from "./records.js";

/** Many-to-many relations; each is stored from both ends so that either end lists without a scan. */
type Relation = "member" | "principal" | "policy";

/** Things, thing groups, certificates and policies with what is attached to what, over the store. */
export class IotRegistry {
  readonly #context: CloudContext;

  constructor(context: CloudContext) {
    this.#context = context;
  }

  thing(thingName: string): ThingRecord | undefined {
    return readThing(this.#context.store.get(["things", thingName]));
  }
  group(thingGroupName: string): GroupRecord | undefined {
    return readGroup(this.#context.store.get(["thing-groups", thingGroupName]));
  }
  certificateRecord(certificateId: string): CertificateRecord | undefined {
    return readCertificate(this.#context.store.get(["certificates", certificateId]));
  }
  policy(policyName: string): PolicyRecord | undefined {
    return readPolicy(this.#context.store.get(["policies", policyName]));
  }

  /** As the getters, but a missing resource is `ResourceNotFound`. */
  existingThing(thingName: string): ThingRecord {
    return this.thing(thingName) ?? notFound("Thing", thingName);
  }
  existingGroup(thingGroupName: string): GroupRecord {
    return this.group(thingGroupName) ?? notFound("Thing group", thingGroupName);
  }
  existingCertificate(certificateId: string): CertificateRecord {
    return this.certificateRecord(certificateId) ?? notFound("Certificate", certificateId);
  }
  existingPolicy(policyName: string): PolicyRecord {
    return this.policy(policyName) ?? notFound("Policy", policyName);
  }

  /** In the order of their names, those behind `after`. */
  *things(after?: string): Iterable<ThingRecord> {
    for (const { value } of listed(this.#context.store, ["things"], after)) yield* some(readThing(value));
  }
  *groups(): Iterable<GroupRecord> {
    for (const { value } of this.#context.store.list(["thing-groups"])) yield* some(readGroup(value));
  }
  *certificates(): Iterable<CertificateRecord> {
    for (const { value } of this.#context.store.list(["certificates"])) yield* some(readCertificate(value));
  }
  *policies(): Iterable<PolicyRecord> {
    for (const { value } of this.#context.store.list(["policies"])) yield* some(readPolicy(value));
  }

  putThing(record: ThingRecord): void {
    this.#context.store.put(["things", record.thingName], { ...record });
  }
  putGroup(record: GroupRecord): void {
    this.#context.store.put(["thing-groups", record.thingGroupName], { ...record });
  }
  putCertificate(record: CertificateRecord): void {
    this.#context.store.put(["certificates", record.certificateId], { ...record });
  }
  putPolicy(record: PolicyRecord): void {
    this.#context.store.put(["policies", record.policyName], { ...record });
  }
  remove(kind: "things" | "thing-groups" | "certificates" | "policies", name: string): void {
    this.#context.store.remove([kind, name]);
  }

  /** Relations: `member` group-thing, `principal` thing-certificate id, `policy` policy-target ARN. */
  attach(relation: Relation, left: string, right: string): void {
    const mark: Stored = true;
    this.#context.store.transaction(() => {
      this.#context.store.put(["attached", relation, "right-of", left, right], mark);
      this.#context.store.put(["attached", relation, "left-of", right, left], mark);
    });
  }
  detach(relation: Relation, left: string, right: string): void {
    this.#context.store.transaction(() => {
      this.#context.store.remove(["attached", relation, "right-of", left, right]);
      this.#context.store.remove(["attached", relation, "left-of", right, left]);
    });
  }
  isAttached(relation: Relation, left: string, right: string): boolean {
    return this.#context.store.get(["attached", relation, "right-of", left, right]) === true;
  }
  /** What stands right of `left`, in order. */
  rightOf(relation: Relation, left: string): string[] {
    return lastParts(this.#context.store.list(["attached", relation, "right-of", left]));
  }
  /** The same behind `after`, read as it is taken. */
  *rightOfBehind(relation: Relation, left: string, after: string | undefined): Iterable<string> {
    const prefix = ["attached", relation, "right-of", left];
    for (const { key } of listed(this.#context.store, prefix, after)) yield key.at(-1) ?? "";
  }
  leftOf(relation: Relation, right: string): string[] {
    return lastParts(this.#context.store.list(["attached", relation, "left-of", right]));
  }

  /** What the Jobs service and the broker look up. */
  thingGroup(thingGroupName: string): { readonly members: readonly string[] } | undefined {
    return this.group(thingGroupName) === undefined ? undefined : { members: thingsOf(this, thingGroupName, true) };
  }
  groupsAbove(thingGroupName: string): readonly string[] {
    const group = this.group(thingGroupName);
    return group === undefined ? [] : ancestorsOf(this, group).map((ancestor) => ancestor.thingGroupName);
  }
  certificate(certificateId: string) {
    const record = this.certificateRecord(certificateId);
    if (record === undefined) return undefined;
    const thingNames = this.leftOf("principal", certificateId);
    const targets = [arnOf(this.#context, "cert", certificateId)];
    for (const thing of thingNames) {
      for (const group of this.leftOf("member", thing)) {
        for (const name of [group, ...this.groupsAbove(group)]) targets.push(arnOf(this.#context, "thinggroup", name));
      }
    }
    const names = new Set(targets.flatMap((target) => this.leftOf("policy", target)));
    const policies = [...names].flatMap((name) => [...some(this.policy(name)?.policyDocument)]);
    return { certificateId, status: record.status, thingNames, policies };
  }
}

function* some<T>(value: T | undefined): Iterable<T> {
  if (value !== undefined) yield value;
}

function lastParts(entries: Iterable<{ readonly key: readonly string[] }>): string[] {
  return [...entries].map(({ key }) => key[key.length - 1] ?? "");
}

function notFound(what: string, name: string): never {
  throw new AwsError("ResourceNotFound", `${what} ${name} cannot be found.`);
}
