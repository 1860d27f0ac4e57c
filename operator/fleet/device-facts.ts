import { type Fields, fieldsIn, isFields } from "../reading/index.js";

/** Name of the shadow that devices report in. */
export const SHADOW = "fota";
/** The shadow of AWS's software package catalog. [AWS IoT: reserved named shadow] */
export const PACKAGE_SHADOW = "$package";

/** What is known of a device, from whatever told it. Texts are the device's. */
export type DeviceFacts = {
  readonly thing: string;
  /** Empty when nothing ever said it. */
  readonly version: string;
  readonly slot: string;
  readonly project: string;
  /** The last update's end: `SUCCEEDED`, `FAILED`, ... and its code. */
  readonly outcome: string;
  readonly code: string;
  /** The job that brought it. */
  readonly job: string;
  /** Why the device started last. */
  readonly reset: string;
  /** Beginnings of digests of images that it refuses. */
  readonly quarantine: string;
  readonly boots: string;
  /** Least free memory, bytes. */
  readonly memory: string;
  /** When it last said something. */
  readonly heardAt: Date | undefined;
  /** `undefined` where nothing tells. */
  readonly connected: boolean | undefined;
  /** Since when it is connected, or is not. */
  readonly connectedAt: Date | undefined;
  readonly source: "index" | "shadow" | "jobs" | "none";
};

/** A device that nothing is known of. */
export function unknownDevice(thing: string): DeviceFacts {
  return {
    thing,
    version: "",
    slot: "",
    project: "",
    outcome: "",
    code: "",
    job: "",
    reset: "",
    quarantine: "",
    boots: "",
    memory: "",
    heardAt: undefined,
    connected: undefined,
    connectedAt: undefined,
    source: "none",
  };
}

/** What the reported part of the shadow `fota` says. */
export function factsOfReport(thing: string, reported: Fields): DeviceFacts {
  const text = (name: string): string => {
    const value = reported[name];
    // A list of what is neither text nor number has nothing to say.
    return (Array.isArray(value) ? value : [value])
      .filter((one) => typeof one === "string" || typeof one === "number")
      .map(String)
      .join(" ");
  };
  return {
    ...unknownDevice(thing),
    version: text("version"),
    slot: text("slot"),
    project: text("project"),
    outcome: text("outcome"),
    code: text("code"),
    job: text("job"),
    reset: text("reset"),
    quarantine: text("quarantine"),
    boots: text("boots"),
    memory: text("memory"),
    source: "shadow",
  };
}

/**
 * What the reported part of the shadow `$package` says: a package with its version, and attributes of the same names.
 */
export function factsOfPackages(thing: string, reported: Fields): DeviceFacts {
  const [first] = Object.entries(reported).filter(([, value]) => isFields(value));
  const [name = "", value] = first ?? [];
  if (!isFields(value)) return unknownDevice(thing);
  const attributes = isFields(value.attributes) ? value.attributes : {};
  return factsOfReport(thing, { project: name, ...attributes, version: value.version });
}

/** A shadow's document as the data plane gives it. */
export function factsOfShadow(thing: string, shadow: string, text: string): DeviceFacts | undefined {
  const document = fieldsIn(text);
  const state = isFields(document?.state) ? document.state : {};
  if (!isFields(state.reported)) return undefined;
  const facts = shadow === SHADOW ? factsOfReport(thing, state.reported) : factsOfPackages(thing, state.reported);
  return { ...facts, heardAt: newestIn(document?.metadata) };
}

/** The latest of the times in a shadow's metadata, which are seconds. */
function newestIn(metadata: unknown): Date | undefined {
  const reported = isFields(metadata) ? metadata.reported : undefined;
  const newest = newestBelow(reported);
  const time = new Date(newest * 1000);
  return newest === 0 || Number.isNaN(time.getTime()) ? undefined : time;
}

function newestBelow(value: unknown): number {
  if (!isFields(value)) return 0;
  const own = typeof value.timestamp === "number" ? value.timestamp : 0;
  return Math.max(own, ...Object.values(value).map(newestBelow));
}
