/** Who publishes updates to one simulated device, and looks how they ended. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { isTerminal } from "local-aws-iot/facts";
import { NodeDigest } from "../../../host-sim/chip/node-digest.js";
import { publishImage } from "../../../host-sim/publish/index.js";
import { simulatedSignature } from "../../../host-sim/signing/index.js";
import { buildBundleImage } from "../../../modules/esp32-sim/index.js";

const POLL_MS = 100;
const POLLS = 300;

export type Execution = { readonly status: string; readonly statusDetails: Readonly<Record<string, string>> };

export class CloudOperator {
  readonly cloud: LocalAws;
  readonly #dir: string;

  private constructor(cloud: LocalAws, dir: string) {
    this.cloud = cloud;
    this.#dir = dir;
  }

  static async open(): Promise<CloudOperator> {
    const dir = mkdtempSync(join(tmpdir(), "moddable-cloud-"));
    return new CloudOperator(await startLocalAws({ dir }), dir);
  }

  /** A new thing's identity, and where its cloud is: what provisioning wants. */
  async device(thingName: string) {
    const { cloud } = this;
    const { certificatePem, privateKeyPem } = await cloud.createDevice(thingName);
    return {
      thingName,
      endpoint: cloud.mqtt.host,
      port: cloud.mqtt.port,
      certificatePem: readFileSync(certificatePem, "utf8"),
      keyPem: readFileSync(privateKeyPem, "utf8"),
      rootPem: readFileSync(cloud.ca, "utf8"),
    };
  }

  /** An image that stands for a new program in version, size and content; the simulator runs its own. */
  async publish(thingName: string, version: string, size: number): Promise<string> {
    const image = buildBundleImage({
      bundle: new Uint8Array(0),
      version,
      totalSize: size,
      seed: size,
      Digest: NodeDigest,
    });
    const documentExtra = { "sig-sha256-ecdsa": simulatedSignature(image) };
    return (await publishImage(this.cloud, { image, version, thingNames: [thingName], documentExtra })).jobId;
  }

  execution(thingName: string, jobId: string): Execution {
    const { execution } = this.cloud.jobExecution(thingName, jobId) as {
      execution: { status: string; statusDetails?: { detailsMap: Record<string, string> } };
    };
    return { status: execution.status, statusDetails: execution.statusDetails?.detailsMap ?? {} };
  }

  /** The details of the execution once it has that status. Rejects when it ends with another. */
  async becomes(thingName: string, jobId: string, status: string): Promise<Execution["statusDetails"]> {
    for (let left = POLLS; left > 0; left -= 1) {
      const found = this.execution(thingName, jobId);
      if (found.status === status) return found.statusDetails;
      if (isTerminal(found.status)) assert.fail(`${jobId} is ${found.status}: ${JSON.stringify(found.statusDetails)}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return assert.fail(`${jobId} does not become ${status}`);
  }

  async close(): Promise<void> {
    await this.cloud.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
