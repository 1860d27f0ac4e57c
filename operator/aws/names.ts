/** Names and ARNs of AWS IoT. */

/** Targets of one job. [AWS IoT: CreateJob] */
export const MAX_TARGETS = 100;

/** Something a job is for. */
export type Target = { readonly kind: "thing" | "thinggroup"; readonly name: string; readonly arn: string };

const ARN = /^arn:(aws[\w-]*):iot:([\w-]+):(\d{12}):(thing|thinggroup)\/([a-zA-Z0-9:_-]{1,128})$/;

/** A thing or group by its ARN; `undefined` for another text. */
export function targetOfArn(arn: string): Target | undefined {
  const [, , , , kind, name] = ARN.exec(arn) ?? [];
  if (name === undefined || (kind !== "thing" && kind !== "thinggroup")) return undefined;
  return { kind, name, arn };
}

/** The account that an ARN is of. */
export function accountOf(arn: string): string {
  return ARN.exec(arn)?.[3] ?? "";
}

/** The partition that an ARN is of: `aws`, `aws-cn`, `aws-us-gov`. */
export function partitionOf(arn: string): string {
  return /^arn:(aws[\w-]*):/.exec(arn)?.[1] ?? "aws";
}

/** The name behind the last slash of a thing's or group's ARN. */
export function nameInArn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** 1 to 128 letters, digits, `:`, `_`, `-`. [AWS IoT: ThingName] */
export function isThingName(text: string): boolean {
  return /^[a-zA-Z0-9:_-]{1,128}$/.test(text);
}

/** 1 to 64 letters, digits, `_`, `-`. [AWS IoT: JobId] */
export function isJobId(text: string): boolean {
  return /^[a-zA-Z0-9_-]{1,64}$/.test(text);
}

/** Where AWS's servers of a region are called. */
export function awsSuffix(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}
