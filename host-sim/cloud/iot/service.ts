import type { CloudContext, Stored } from "../context/context.js";
import type { Identity } from "../pki/issue.js";
import type { IotInput } from "./input.js";
import type { IotRegistry } from "./registry.js";

/** JSON body of an answer. */
export interface IotOutput {
  readonly [member: string]: Stored | undefined;
}

/** What every operation of service `iot` on things, groups, certificates and policies is given. */
export interface IotService {
  readonly context: CloudContext;
  readonly registry: IotRegistry;
  readonly jobs: IotHooks;
  /** A new key with its certificate. */
  issueDevice(): Promise<Identity>;
  /** A certificate for the public key of a certificate signing request (PEM). */
  signRequest(csrPem: string): Promise<string>;
  /** Host name that DescribeEndpoint answers. */
  endpointHost(endpointType: string): string;
}

/** What the Jobs service wants to hear about the registry. */
export interface IotHooks {
  thingJoinedGroup(change: { thingName: string; thingGroupName: string }): void;
  thingLeftGroup(change: { thingName: string; thingGroupName: string }): void;
  thingDeleted(change: { thingName: string }): void;
}

export type IotOperation = (iot: IotService, input: IotInput) => IotOutput | Promise<IotOutput>;

/** Times of the control plane are seconds with a fraction; milliseconds make the CLI fail with "year out of range". */
export function secondsOf(ms: number): number {
  return ms / 1000;
}

/** A random identifier in the form of a UUID. */
export function uuidOf(random: (byteLength: number) => Uint8Array): string {
  const hex = Buffer.from(random(16)).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join("-");
}
