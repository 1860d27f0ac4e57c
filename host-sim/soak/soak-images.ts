import { makePatch } from "fota-operator/patch";
import { compileFirmware, type FirmwareArchive, imageOf } from "../image/index.js";
import type { PublishedPatch } from "../publish/index.js";
import { trustingSimulatedKey } from "../signing/index.js";
import type { Kind, UpdatePlan } from "./soak-plan.js";

export type SoakImage = { readonly version: string; readonly bytes: Uint8Array };

/** Put in front of the sample application: what a bad release does before, or beside, all else. */
const BAD_STARTS: Partial<Readonly<Record<Kind, string>>> = Object.freeze({
  "crashes-at-start": 'throw new Error("crashed at its start");\n',
  "crashes-later": 'require("timer").default.set(() => { throw new Error("crashed in its self-test"); }, 40);\n',
  hangs: 'require("timer").default.set(() => require("timer").default.delay(60000), 40);\n',
});

/** Whether such an image must never be confirmed. */
export function isBad(kind: Kind): boolean {
  return kind === "damaged" || BAD_STARTS[kind] !== undefined;
}

/** Images of the sample application, compiled once. */
export class SoakImages {
  readonly #firmware: FirmwareArchive;

  private constructor(firmware: FirmwareArchive) {
    this.#firmware = firmware;
  }

  static async create(): Promise<SoakImages> {
    return new SoakImages(trustingSimulatedKey(await compileFirmware({ minify: true })));
  }

  first(version: string): SoakImage {
    return { version, bytes: imageOf(this.#firmware, { version }) };
  }

  /** What is offered beside the image. */
  patches({ patch }: UpdatePlan, installed: SoakImage, image: SoakImage): PublishedPatch[] {
    const to = image.bytes;
    const against = (base: Uint8Array): PublishedPatch => ({
      bytes: makePatch({ from: base, to }),
      base: { image: base },
    });
    switch (patch) {
      case "fits":
        return [against(installed.bytes)];
      case "damaged":
        return [damaged(against(installed.bytes))];
      case "other-base":
        return [against(installed.bytes.subarray(1))];
      case "compressed":
        return [{ bytes: makePatch({ to }) }];
      default:
        return [];
    }
  }

  /** What an update brings: no two are alike, as their versions differ. */
  next({ kind, number, size }: UpdatePlan, version: string): SoakImage {
    const firmware = { ...this.#firmware, program: `${BAD_STARTS[kind] ?? ""}${this.#firmware.program}` };
    const bytes = imageOf(firmware, { version, size, seed: number });
    const middle = bytes.length >> 1;
    if (kind === "damaged") bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    return { version, bytes };
  }
}

/** One byte in its middle is another. */
function damaged(patch: PublishedPatch): PublishedPatch {
  const bytes = patch.bytes.slice();
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x20;
  return { ...patch, bytes };
}
