import { expectOk, httpsOperator, type Operator } from "local-aws-iot";
import { arnOf, devicePolicyDocument } from "local-aws-iot/facts";
import { IMAGE_BUCKET, jobRequest } from "../../host-sim/publish/index.js";
import type { CloudProcess } from "./cloud-process.js";
import type { ThingIdentity } from "./identities.js";

const GROUP = "fleet";
const POLICY = "fleet-device";

export interface JobState {
  readonly status: string;
  /** Members of jobProcessDetails that are numbers. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The operator of a fleet, over the cloud's HTTPS API with signed requests. */
export class FleetOperator {
  /** Requests sent. */
  requests = 0;
  readonly #operator: Operator;
  readonly #place: { readonly region: string; readonly account: string };

  constructor({ cloud, credentials, caPem }: CloudProcess) {
    const { host, port } = cloud.https;
    this.#place = { region: cloud.region, account: cloud.account };
    this.#operator = httpsOperator({ origin: `https://${host}:${port}`, region: cloud.region, ca: caPem, credentials });
  }

  /** A thing group with the device policy. */
  async createGroup(): Promise<void> {
    const policyDocument = devicePolicyDocument(this.#place);
    await this.#iot("POST", `/thing-groups/${GROUP}`, {});
    await this.#iot("POST", `/policies/${POLICY}`, { policyDocument });
    await this.#iot("PUT", `/target-policies/${POLICY}`, { target: arnOf(this.#place, "thinggroup", GROUP) });
  }

  /** A thing with its certificate, in the group: four requests. */
  async provision({ thingName, certificatePem }: ThingIdentity): Promise<void> {
    await this.#iot("POST", `/things/${thingName}`, {});
    const registered = await this.#iot("POST", "/certificate/register-no-ca", { certificatePem, status: "ACTIVE" });
    const principal = textOf(registered.certificateArn);
    await this.#iot("PUT", `/things/${thingName}/principals`, {}, { "x-amzn-principal": principal });
    await this.#iot("PUT", "/thing-groups/addThingToThingGroup", { thingGroupName: GROUP, thingName });
  }

  /** Puts an image into the bucket and creates a SNAPSHOT job for the group. `document`: further members. */
  async createJob(
    jobId: string,
    image: Uint8Array,
    maximumPerMinute: number,
    document: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const key = `${jobId}.bin`;
    const bucket = `/${IMAGE_BUCKET}`;
    this.requests += 2;
    expectOk("CreateBucket", await this.#operator.send({ service: "s3", method: "PUT", target: bucket }));
    const object = { service: "s3", method: "PUT", target: `${bucket}/${key}`, body: image } as const;
    expectOk("PutObject", await this.#operator.send(object));
    const request = jobRequest({
      ...this.#place,
      targets: [arnOf(this.#place, "thinggroup", GROUP)],
      version: "1.0.2",
      size: image.length,
      key,
      document,
      job: { targetSelection: "SNAPSHOT", jobExecutionsRolloutConfig: { maximumPerMinute } },
    });
    await this.#iot("PUT", `/jobs/${jobId}`, request);
  }

  async describeJob(jobId: string): Promise<JobState> {
    const { job } = await this.#iot("GET", `/jobs/${jobId}`);
    const { status, jobProcessDetails } = recordOf(job);
    const counts = Object.entries(recordOf(jobProcessDetails)).flatMap(([name, value]): [string, number][] =>
      typeof value === "number" ? [[name, value]] : [],
    );
    return { status: textOf(status), counts: Object.fromEntries(counts) };
  }

  /** Status of each thing's execution, by pages as the API gives them. */
  async executionStatuses(jobId: string): Promise<Map<string, string>> {
    const statuses = new Map<string, string>();
    let token = "";
    do {
      const query = `maxResults=250${token === "" ? "" : `&nextToken=${encodeURIComponent(token)}`}`;
      const page = await this.#iot("GET", `/jobs/${jobId}/things?${query}`);
      for (const entry of Array.isArray(page.executionSummaries) ? page.executionSummaries : []) {
        const { thingArn, jobExecutionSummary } = recordOf(entry);
        statuses.set(textOf(thingArn).replace(/.*\//, ""), textOf(recordOf(jobExecutionSummary).status));
      }
      token = typeof page.nextToken === "string" ? page.nextToken : "";
    } while (token !== "");
    return statuses;
  }

  async #iot(
    method: string,
    target: string,
    body?: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, unknown>> {
    this.requests += 1;
    const answer = await this.#operator.send({
      service: "iot",
      method,
      target,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    });
    const { text } = expectOk(`${method} ${target}`, answer);
    return text === "" ? {} : recordOf(JSON.parse(text));
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new Error("an answer of the cloud lacks a text");
  return value;
}
