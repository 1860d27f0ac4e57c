/** One whole update of the measuring application in Moddable's simulator, with a given memory and image. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { NodeDigest } from "../../../host-sim/chip/node-digest.js";
import { publishImage } from "../../../host-sim/publish/index.js";
import { simulatedSignature } from "../../../host-sim/signing/index.js";
import { buildBundleImage } from "../../../modules/esp32-sim/index.js";
import { ApplicationBuild } from "../application/application-build.js";
import { SimulatedDevice } from "../application/simulated-device.js";
import type { ModdableSdk } from "../sdk.js";

const MEASURE = fileURLToPath(new URL("./measure", import.meta.url));
/** The simulator takes in at most 1536 bytes every 20 ms. */
const SLOWEST_BYTES_PER_SECOND = 30_000;

/** `creation` of a manifest: bytes of chunks, numbers of slots. */
export type Memory = { readonly chunks: number; readonly slots: number; readonly stack: number };

export type UpdateConditions = {
  readonly imageSize: number;
  /** All there is: more ends the virtual machine. Default: what the project's manifest says, which may grow. */
  readonly memory?: Memory;
  /** Collect the garbage before each look. */
  readonly live?: boolean;
  readonly profile?: "small";
  /** The firmware as it is, without instruments, which take memory themselves: nothing is measured. */
  readonly plain?: boolean;
};

export type Peaks = {
  /** Bytes of strings, buffers and the like. */
  readonly chunks: number;
  /** Number of slots: objects, properties, array items. */
  readonly slots: number;
  /** Number of stack slots. */
  readonly stack: number;
};

export type MeasuredUpdate = {
  /** By the state that the peaks belong to; "installed" ends the first boot, "testing" is the second. */
  readonly phases: ReadonlyMap<string, Peaks>;
  readonly peaks: Peaks;
  readonly collections: number;
};

const INSTRUMENTS = [
  "$(MODDABLE)/modules/base/instrumentation/manifest.json",
  "$(MODDABLE)/modules/base/debug/manifest.json",
];

/** Slots have 32 bytes in the simulator, a 64-bit program, and 16 on the ESP32. */
const SLOT_BYTES = 32;

export class MemoryBench {
  readonly #build: ApplicationBuild;
  readonly #device: SimulatedDevice;
  readonly #cloud: LocalAws;
  readonly #dir: string;
  #updates = 0;

  private constructor(sdk: ModdableSdk, cloud: LocalAws, dir: string) {
    this.#build = new ApplicationBuild(sdk, "memory");
    this.#device = new SimulatedDevice(sdk);
    this.#cloud = cloud;
    this.#dir = dir;
  }

  static async open(sdk: ModdableSdk): Promise<MemoryBench> {
    const dir = mkdtempSync(join(tmpdir(), "moddable-memory-"));
    return new MemoryBench(sdk, await startLocalAws({ dir }), dir);
  }

  /**
   * @throws Error with the trace, when the update does not succeed
   */
  async update(options: UpdateConditions): Promise<MeasuredUpdate> {
    const { imageSize } = options;
    const device = this.#device;
    device.erase();
    this.#updates += 1;
    const thingName = `measured-${this.#updates}`;
    const library = await this.#library(thingName, options);
    const lines: string[] = [];
    const version = "1.0.2";
    const image = buildBundleImage({
      bundle: new Uint8Array(0),
      version,
      totalSize: imageSize,
      seed: imageSize,
      Digest: NodeDigest,
    });
    const old = await device.boot(library);
    await old.seen(/mqtt: connected/);
    const documentExtra = { "sig-sha256-ecdsa": simulatedSignature(image) };
    const published = await publishImage(this.#cloud, { image, version, thingNames: [thingName], documentExtra });
    await old.restarted(30_000 + (imageSize / SLOWEST_BYTES_PER_SECOND) * 1000);
    lines.push(...old.lines);
    const first = await device.boot(library);
    await first.seen(options.plain === true ? /reporting -> idle/ : /^memory \{"phase":"reporting"/);
    lines.push(...first.lines);
    await first.cut();
    const { execution } = this.#cloud.jobExecution(thingName, published.jobId) as { execution: { status: string } };
    if (execution.status !== "SUCCEEDED") throw new Error(`the job is ${execution.status}:\n${lines.join("\n")}`);
    return summarize(lines);
  }

  async close(): Promise<void> {
    await this.#device.remove();
    await this.#cloud.close();
    this.#build.remove();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #library(
    thingName: string,
    { memory, live = false, profile, plain = false }: UpdateConditions,
  ): Promise<string> {
    const { certificatePem, privateKeyPem } = await this.#cloud.createDevice(thingName);
    const fixed = memory && {
      chunk: { initial: memory.chunks, incremental: 0 },
      heap: { initial: memory.slots, incremental: 0 },
      stack: memory.stack,
    };
    return await this.#build.build({
      thingName,
      endpoint: this.#cloud.mqtt.host,
      port: this.#cloud.mqtt.port,
      certificatePem: readFileSync(certificatePem, "utf8"),
      keyPem: readFileSync(privateKeyPem, "utf8"),
      rootPem: readFileSync(this.#cloud.ca, "utf8"),
      state: this.#device.state,
      additions: {
        ...(plain
          ? { creation: { ...fixed } }
          : { include: INSTRUMENTS, modules: { measure: MEASURE }, creation: { main: "measure", ...fixed } }),
        config: { measure: live ? "live" : "filled", ...(profile !== undefined && { profile }) },
      },
    });
  }
}

function summarize(lines: readonly string[]): MeasuredUpdate {
  const phases = new Map<string, Peaks>();
  let collections = 0;
  for (const line of lines) {
    const text = /^memory (\{.*\})$/.exec(line)?.[1];
    if (text === undefined) continue;
    const { phase, ...found }: { phase: string; chunks: number; slots: number; stack: number; collections: number } =
      JSON.parse(text);
    const { chunks, slots, stack } = found;
    phases.set(phase, larger({ chunks, slots: slots / SLOT_BYTES, stack: stack / SLOT_BYTES }, phases.get(phase)));
    collections = Math.max(collections, found.collections);
  }
  const peaks = [...phases.values()].reduce((a, b) => larger(a, b), { chunks: 0, slots: 0, stack: 0 });
  return { phases, peaks, collections };
}

function larger(a: Peaks, b: Peaks = a): Peaks {
  return {
    chunks: Math.max(a.chunks, b.chunks),
    slots: Math.max(a.slots, b.slots),
    stack: Math.max(a.stack, b.stack),
  };
}
