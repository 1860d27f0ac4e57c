import { Agent } from "node:https";
import { IAMClient } from "@aws-sdk/client-iam";
import { DescribeEndpointCommand, IoTClient } from "@aws-sdk/client-iot";
import { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import { FotaError } from "../failure/index.js";
import { explain } from "./explain.js";
import { type LocalCloud, readLocalCloud } from "./local-cloud.js";

/** Attempts at one request: AWS slows operators down at 10 requests a second and kind. */
const MAX_ATTEMPTS = 8;

/** Which AWS is meant. */
export type AwsChoice = {
  /** Folder of a local AWS. Default: the real one. */
  readonly local?: string | undefined;
  /** A profile of the AWS configuration. Default: the SDK's own order. */
  readonly profile?: string | undefined;
  /** Default: that of the profile, the environment, or the local AWS. */
  readonly region?: string | undefined;
  /** Ends what is going on. */
  readonly signal?: AbortSignal | undefined;
};

/** What every request of the SDK is sent with. */
export type Sending = { readonly abortSignal?: AbortSignal };

/**
 * AWS as its operator sees it: the SDK's clients, and one way to ask them that counts what is asked and says in words
 * what was refused.
 */
export class Aws {
  readonly iot: IoTClient;
  readonly s3: S3Client;
  readonly sts: STSClient;
  readonly iam: IAMClient;
  /** The local AWS, where it is one. */
  readonly local: LocalCloud | undefined;
  readonly signal: AbortSignal | undefined;
  readonly #calls = new Map<string, number>();
  readonly #region: string | undefined;
  #data: Promise<IoTDataPlaneClient> | undefined;

  /** @throws FotaError "usage" for a folder without a local AWS */
  constructor({ local, profile, region, signal }: AwsChoice) {
    this.local = local === undefined ? undefined : readLocalCloud(local);
    this.signal = signal;
    this.#region = region ?? this.local?.region;
    const options = {
      // Adaptive: after a refusal for speed it also sends more slowly from then on.
      retryMode: "adaptive",
      maxAttempts: MAX_ATTEMPTS,
      ...(profile === undefined ? {} : { profile }),
      ...(this.#region === undefined ? {} : { region: this.#region }),
      ...(this.local === undefined ? {} : atLocal(this.local)),
    };
    this.iot = new IoTClient(options);
    this.s3 = new S3Client({ ...options, forcePathStyle: this.local !== undefined });
    this.sts = new STSClient(options);
    this.iam = new IAMClient(options);
  }

  /** @throws FotaError "usage" when nothing says which */
  async region(): Promise<string> {
    try {
      return await this.iot.config.region();
    } catch (cause) {
      throw new FotaError("usage", "no region is set", { mend: ["--region REGION, or AWS_REGION"], cause });
    }
  }

  /**
   * Asks AWS one question.
   * @param action as policies name it, for example `iot:CreateJob`
   * @param resource ARN or name, for messages
   * @throws FotaError
   */
  async asked<T>(action: string, resource: string, call: (sending: Sending) => Promise<T>): Promise<T> {
    const region = await this.region();
    this.#calls.set(action, (this.#calls.get(action) ?? 0) + 1);
    try {
      return await call(this.signal === undefined ? {} : { abortSignal: this.signal });
    } catch (error) {
      throw explain(error, { action, resource, region });
    }
  }

  /** The same; `undefined` for what is not there. */
  async askedFor<T>(action: string, resource: string, call: (sending: Sending) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.asked(action, resource, call);
    } catch (error) {
      if (error instanceof FotaError && error.code === "not-found") return undefined;
      throw error;
    }
  }

  /** The data plane, whose address AWS IoT has to be asked for. @throws FotaError */
  async data(): Promise<IoTDataPlaneClient> {
    this.#data ??= this.#openData();
    return await this.#data;
  }

  /** Host name of the account's endpoint for devices. @throws FotaError */
  async deviceEndpoint(): Promise<string> {
    const { endpointAddress } = await this.asked("iot:DescribeEndpoint", "iot:Data-ATS", (sending) =>
      this.iot.send(new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" }), sending),
    );
    if (endpointAddress === undefined) throw new FotaError("service", "iot:DescribeEndpoint names no endpoint");
    return endpointAddress;
  }

  /** AWS's own time, to a second. @throws FotaError */
  async serverTime(): Promise<Date> {
    let date: unknown;
    const noted = (output: unknown) => {
      const response: unknown =
        typeof output === "object" && output !== null ? Reflect.get(output, "response") : undefined;
      const headers: unknown =
        typeof response === "object" && response !== null ? Reflect.get(response, "headers") : undefined;
      date = typeof headers === "object" && headers !== null ? Reflect.get(headers, "date") : undefined;
    };
    const command = new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" });
    command.middlewareStack.add(
      (next) => async (args) => {
        const output = await next(args);
        noted(output);
        return output;
      },
      { step: "deserialize", name: "serverTime", priority: "low" },
    );
    await this.asked("iot:DescribeEndpoint", "iot:Data-ATS", (sending) => this.iot.send(command, sending));
    const time = typeof date === "string" ? Date.parse(date) : Number.NaN;
    if (Number.isNaN(time)) throw new FotaError("service", "AWS's answer has no date");
    return new Date(time);
  }

  /** How often each action was asked. */
  get calls(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#calls].sort());
  }

  close(): void {
    for (const client of [this.iot, this.s3, this.sts, this.iam]) client.destroy();
    this.#data?.then((client) => client.destroy()).catch(() => {});
  }

  async #openData(): Promise<IoTDataPlaneClient> {
    if (this.local !== undefined) {
      return new IoTDataPlaneClient({ ...atLocal(this.local), region: this.local.region, maxAttempts: MAX_ATTEMPTS });
    }
    const endpoint = `https://${await this.deviceEndpoint()}`;
    const { region, credentials } = this.iot.config;
    return new IoTDataPlaneClient({ endpoint, region, credentials, retryMode: "adaptive", maxAttempts: MAX_ATTEMPTS });
  }
}

/** What the SDK has to be told of a local AWS. */
function atLocal({ url, ca, credentials }: LocalCloud) {
  return { endpoint: url, credentials, requestHandler: { httpsAgent: new Agent({ ca, keepAlive: true }) } };
}
