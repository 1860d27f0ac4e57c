import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  GetJobDocumentCommand,
  type IoTClient,
} from "@aws-sdk/client-iot";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { Aws, type LocalCloud } from "../../../operator/aws/index.js";
import { writeKeyFiles } from "../../../operator/signing/index.js";
import type { Screen } from "../../../operator/terminal/index.js";
import { type Ended, Fota, fota } from "./fota.js";

/** Neither waiting nor limits: these tests are about the operator. */
const SWITCHES = { jobs: { rolloutDelayMs: 0, dataPlaneReadsPerSecond: 0, dataPlaneWritesPerSecond: 0 } } as const;

/** A local AWS with the bucket `firmware`, a signing key, and a folder for files. */
export class OperatedCloud {
  readonly dir = mkdtempSync(join(tmpdir(), "fota-operator-"));
  readonly key = writeKeyFiles(join(this.dir, "own-keys"), "code-signing-key");
  #cloud: LocalAws | undefined;
  #aws: Aws | undefined;

  async start({ bucket = true } = {}): Promise<void> {
    const dir = join(this.dir, "cloud");
    this.#cloud = await startLocalAws({ dir, switches: SWITCHES });
    this.#aws = new Aws({ local: dir });
    if (bucket) await this.#aws.s3.send(new CreateBucketCommand({ Bucket: "firmware" }));
  }

  async stop(): Promise<void> {
    this.#aws?.close();
    await this.#cloud?.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  get cloud(): LocalAws {
    if (this.#cloud === undefined) throw new Error("not started");
    return this.#cloud;
  }

  /** Another pair of eyes: the SDK's own clients. */
  get aws(): Aws {
    if (this.#aws === undefined) throw new Error("not started");
    return this.#aws;
  }

  get local(): LocalCloud {
    if (this.aws.local === undefined) throw new Error("not started");
    return this.aws.local;
  }

  get iot(): IoTClient {
    return this.aws.iot;
  }

  /** The tool with `--local`. */
  run(...args: string[]): Promise<Ended> {
    return fota(args, { cwd: this.dir, env: this.env });
  }

  /** The same without a process of its own: for the many calls that are refused. */
  async here(...args: string[]): Promise<Ended> {
    const [out, err]: [string[], string[]] = [[], []];
    const screen: Screen = {
      out: (line) => void out.push(`${line}\n`),
      err: (line) => void err.push(`${line}\n`),
      live: () => {},
      settle: () => {},
      isTerminal: false,
    };
    // Like the commands themselves, which are loaded when called for: the loader of tests may have two of a module.
    const { runFota } = await import("../../../operator/cli.js");
    const code = await runFota([...args, "--local", join(this.dir, "cloud")], "fota", screen);
    return { code, out: out.join(""), err: err.join("") };
  }

  begin(...args: string[]): Fota {
    return new Fota(args, { cwd: this.dir, env: this.env });
  }

  get env(): Readonly<Record<string, string>> {
    return { FOTA_LOCAL: join(this.dir, "cloud") };
  }

  /** Writes a file and gives its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.dir, name);
    writeFileSync(path, content);
    return path;
  }

  async things(...names: string[]): Promise<void> {
    for (const thingName of names) await this.iot.send(new CreateThingCommand({ thingName }));
  }

  async group(thingGroupName: string, ...names: string[]): Promise<void> {
    await this.iot.send(new CreateThingGroupCommand({ thingGroupName }));
    for (const thingName of names) await this.iot.send(new AddThingToThingGroupCommand({ thingGroupName, thingName }));
  }

  /** A certificate with a policy of its own for a thing. */
  async policyFor(thingName: string, policyName: string, policyDocument: string): Promise<void> {
    const { certificateArn } = await this.iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    await this.iot.send(new CreatePolicyCommand({ policyName, policyDocument }));
    await this.iot.send(new AttachPolicyCommand({ policyName, target: certificateArn }));
    await this.iot.send(new AttachThingPrincipalCommand({ thingName, principal: certificateArn }));
  }

  async documentOf(jobId: string): Promise<Readonly<Record<string, unknown>>> {
    const { document = "" } = await this.iot.send(new GetJobDocumentCommand({ jobId }));
    const value: unknown = JSON.parse(document);
    if (typeof value !== "object" || value === null) throw new Error("no document");
    return { ...value };
  }

  /** Orders a fault of the next HTTP requests. */
  fault(fault: Parameters<LocalAws["faults"]["http"]["add"]>[0]): void {
    this.cloud.faults.http.add(fault);
  }
}

/** The one JSON line of a command's result. */
export function jsonOf({ out, err }: Ended): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(out.trim().split("\n").at(-1) ?? "");
  if (typeof value !== "object" || value === null) throw new Error(`no JSON: ${out} ${err}`);
  return { ...value };
}
