/** The order in which the project is built up. `dependencies.test.ts` holds every import to it. */

export type Layer = {
  /** All files of this folder belong to it, except those of a deeper folder that is a layer itself. */
  readonly folder: string;
  /**
   * The layers of its area, all beneath it, whose values it may use. Types may come from every layer beneath. Default:
   * all beneath.
   */
  readonly uses?: readonly string[];
  /** Its subfolders do not know each other; the files in its own folder may be known to all. */
  readonly apart?: true;
  /** It may take values of the SDK. */
  readonly sdk?: true;
};

export type Area = {
  /** Its layers from bottom to top: an import leads down, or stays. */
  readonly layers: readonly Layer[];
  /** Folders of areas beneath it that its layers may import from. */
  readonly imports: readonly string[];
};

/** The library: device code. */
const MODULES: Area = {
  imports: [],
  layers: [
    { folder: "modules/esp32-sim", uses: [] },
    { folder: "modules/foundation", uses: [] },
    { folder: "modules/strict-tls", uses: [] },
    // They stand in the place of modules of the SDK, and extend those.
    { folder: "modules/strict-tls/sdk", uses: ["modules/strict-tls"], sdk: true },
    { folder: "modules/guarded-tcp", uses: ["modules/foundation"] },
    { folder: "modules/journal", uses: ["modules/foundation"] },
    { folder: "modules/mqtt-session", uses: ["modules/foundation"] },
    { folder: "modules/http-client", uses: ["modules/foundation"] },
    { folder: "modules/fota-download", uses: ["modules/foundation", "modules/http-client"] },
    { folder: "modules/ota-partition", uses: ["modules/foundation"] },
    { folder: "modules/fleet-report", uses: ["modules/foundation"] },
    { folder: "modules/fota-patch", uses: ["modules/foundation"] },
    { folder: "modules/fota-patch/native", uses: ["modules/fota-patch"], sdk: true },
    { folder: "modules/ota-partition/esp32", uses: ["modules/foundation", "modules/ota-partition"] },
    {
      folder: "modules/ota-partition/sim",
      uses: ["modules/esp32-sim", "modules/foundation", "modules/ota-partition", "modules/ota-partition/esp32"],
    },
    { folder: "modules/aws-jobs", uses: ["modules/foundation", "modules/mqtt-session"] },
    {
      folder: "modules/aws-fota",
      uses: [
        "modules/aws-jobs",
        "modules/fleet-report",
        "modules/fota-download",
        "modules/fota-patch",
        "modules/foundation",
        "modules/journal",
        "modules/ota-partition",
      ],
    },
    {
      folder: "modules/device-ports/esp32",
      uses: ["modules/foundation", "modules/ota-partition", "modules/ota-partition/esp32"],
      sdk: true,
    },
    {
      folder: "modules/device-ports/sim",
      uses: ["modules/foundation", "modules/ota-partition", "modules/ota-partition/sim"],
      sdk: true,
    },
    {
      folder: "modules/device-ports",
      uses: [
        "modules/device-ports/esp32",
        "modules/device-ports/sim",
        "modules/foundation",
        "modules/guarded-tcp",
        "modules/ota-partition",
        "modules/strict-tls",
        "modules/strict-tls/sdk",
      ],
      sdk: true,
    },
  ],
};

/** The sample application. */
const SRC: Area = {
  imports: [
    "modules/aws-fota",
    "modules/aws-jobs",
    "modules/device-ports",
    "modules/foundation",
    "modules/mqtt-session",
  ],
  layers: [
    { folder: "src/esp32", sdk: true },
    { folder: "src/sim", sdk: true },
    { folder: "src", sdk: true },
  ],
};

/** Applications as a stranger would write them: they know the library, what the sample brings, and not each other. */
const EXAMPLES: Area = {
  imports: ["modules/aws-fota", "modules/device-ports", "modules/mqtt-session", "src"],
  layers: [{ folder: "examples", apart: true, sdk: true }],
};

/**
 * The package local-aws-iot: nothing in it knows the firmware, as encoders shared by both sides would be wrong on both
 * sides at once.
 */
const CLOUD: Area = {
  imports: [],
  layers: [
    { folder: "host-sim/cloud/context" },
    { folder: "host-sim/cloud/message" },
    { folder: "host-sim/cloud/files" },
    { folder: "host-sim/cloud/store" },
    { folder: "host-sim/cloud/pki" },
    { folder: "host-sim/cloud/faults" },
    { folder: "host-sim/cloud/sigv4" },
    { folder: "host-sim/cloud/policy" },
    { folder: "host-sim/cloud/iot" },
    { folder: "host-sim/cloud/shadows" },
    { folder: "host-sim/cloud/presence" },
    { folder: "host-sim/cloud/indexing" },
    { folder: "host-sim/cloud/packages" },
    { folder: "host-sim/cloud/jobs" },
    { folder: "host-sim/cloud/s3" },
    { folder: "host-sim/cloud/broker" },
    { folder: "host-sim/cloud/messages" },
    { folder: "host-sim/cloud/http" },
    { folder: "host-sim/cloud/services" },
    { folder: "host-sim/cloud/virtual" },
    { folder: "host-sim/cloud/history" },
    { folder: "host-sim/cloud/server" },
    { folder: "host-sim/cloud/command" },
    { folder: "host-sim/cloud" },
  ],
};

/**
 * The package fota-operator: AWS by its SDK alone. What it has to know of images, tables and signatures it reads anew.
 */
const OPERATOR: Area = {
  imports: [],
  layers: [
    { folder: "operator/failure", uses: [] },
    { folder: "operator/reading", uses: [] },
    { folder: "operator/signing", uses: ["operator/failure"] },
    { folder: "operator/image", uses: ["operator/failure"] },
    { folder: "operator/advice", uses: [] },
    { folder: "operator/patch", uses: [] },
    { folder: "operator/aws", uses: ["operator/failure", "operator/reading"] },
    { folder: "operator/provision", uses: ["operator/aws"] },
    { folder: "operator/bucket" },
    { folder: "operator/jobs" },
    { folder: "operator/fleet" },
    { folder: "operator/publish" },
    { folder: "operator/enrol" },
    { folder: "operator/doctor" },
    // Everything beneath knows nothing of terminals, so that the page can use it.
    { folder: "operator/dashboard/shown", uses: [] },
    // It runs in a browser: of the project it has only what is sent to it.
    { folder: "operator/dashboard/web", uses: ["operator/dashboard/shown"] },
    { folder: "operator/dashboard/eye" },
    { folder: "operator/dashboard/server" },
    { folder: "operator/dashboard" },
    { folder: "operator/terminal", uses: ["operator/failure"] },
    { folder: "operator/commands" },
    { folder: "operator" },
  ],
};

/**
 * The simulated board and what is done with it. Of the firmware's sources it uses the simulated chip, and rules that
 * both have to know (TLS, names of endpoints); the firmware itself is an image to it.
 */
const HOST_SIM: Area = {
  imports: [
    "modules/esp32-sim",
    "modules/fota-patch",
    "modules/foundation",
    "modules/journal",
    "modules/ota-partition/sim",
    "modules/strict-tls",
    "operator/dashboard",
    "operator/patch",
    "host-sim/cloud",
    "operator/provision",
    "operator/signing",
  ],
  layers: [
    { folder: "host-sim/command-line", uses: [] },
    { folder: "host-sim/chip" },
    { folder: "host-sim/ports", uses: [] },
    { folder: "host-sim/engines", uses: ["host-sim/ports"] },
    { folder: "host-sim/image", uses: ["host-sim/chip", "host-sim/engines", "host-sim/ports"] },
    { folder: "host-sim/signing", uses: [] },
    { folder: "host-sim/board", uses: ["host-sim/chip", "host-sim/engines", "host-sim/image"] },
    { folder: "host-sim/console", uses: ["host-sim/board"] },
    { folder: "host-sim/publish", uses: [] },
    {
      folder: "host-sim/world",
      uses: ["host-sim/board", "host-sim/image", "host-sim/publish", "host-sim/signing"],
    },
    {
      folder: "host-sim/interruptions",
      uses: ["host-sim/board", "host-sim/chip", "host-sim/engines", "host-sim/world"],
    },
    {
      folder: "host-sim/soak",
      uses: ["host-sim/board", "host-sim/image", "host-sim/interruptions", "host-sim/signing", "host-sim/world"],
    },
    {
      folder: "host-sim/replay",
      uses: ["host-sim/board", "host-sim/engines", "host-sim/image", "host-sim/signing", "host-sim/world"],
    },
    { folder: "host-sim/commands" },
    { folder: "host-sim", uses: ["host-sim/command-line", "host-sim/commands"] },
  ],
};

const BENCH: Area = {
  imports: ["modules", "src", "host-sim", "operator/patch"],
  layers: [{ folder: "bench/load" }, { folder: "bench/patch" }, { folder: "bench/update" }, { folder: "bench" }],
};

/** What makes files of the repository. */
const TOOLS: Area = {
  imports: ["host-sim/command-line", "host-sim/image"],
  layers: [
    { folder: "tools/manifests" },
    { folder: "tools/sbom" },
    { folder: "tools/settings", uses: [] },
    { folder: "tools" },
  ],
};

const TEST: Area = {
  imports: ["modules", "src", "operator", "host-sim", "bench", "tools"],
  layers: [
    { folder: "test/support" },
    { folder: "test/fixtures" },
    { folder: "test/esp32-sim/support" },
    { folder: "test/aws-fota/support" },
    { folder: "test/cloud/support" },
    { folder: "test/contract/guest" },
    { folder: "test/contract/support" },
    { folder: "test/operator/support" },
    { folder: "test/operator/dashboard/support" },
    { folder: "test/ota-partition/support" },
    { folder: "test/scenarios/support" },
    { folder: "test", apart: true },
  ],
};

/** From bottom to top. */
export const AREAS: readonly Area[] = [MODULES, SRC, EXAMPLES, CLOUD, OPERATOR, HOST_SIM, BENCH, TOOLS, TEST];

/** The folders that hold all of the project's sources. */
export const SOURCE_FOLDERS = ["modules", "src", "examples", "operator", "host-sim", "bench", "tools", "test"] as const;

const isWithin = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

export type Place = { readonly area: Area; readonly layer: Layer };

/** The one layer of a file: that of the deepest folder in the tables. */
export function placeOf(path: string): Place | undefined {
  const places = AREAS.flatMap((area) => area.layers.map((layer): Place => ({ area, layer })));
  return places
    .filter(({ layer }) => isWithin(path, layer.folder))
    .sort((one, other) => other.layer.folder.length - one.layer.folder.length)[0];
}

/** What is wrong with an import, in words; `undefined` when it keeps to the order. */
export function objectionTo({
  from,
  to,
  typeOnly,
}: {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}): string | undefined {
  const [importer, imported] = [placeOf(from), placeOf(to)];
  if (importer === undefined || imported === undefined) return "one of them belongs to no layer";
  const { area, layer } = importer;
  const { folder } = imported.layer;
  if (area !== imported.area)
    return area.imports.some((allowed) => folder === allowed || isWithin(`${folder}/`, allowed))
      ? undefined
      : `${layer.folder} may not import from ${folder}`;
  if (layer === imported.layer)
    return layer.apart === true && differ(subfolderIn(from, layer), subfolderIn(to, layer))
      ? `subfolders of ${layer.folder} do not know each other`
      : undefined;
  if (area.layers.indexOf(imported.layer) > area.layers.indexOf(layer)) return `${folder} stands above ${layer.folder}`;
  if (!typeOnly && layer.uses !== undefined && !layer.uses.includes(folder))
    return `${layer.folder} may not use values of ${folder}`;
  return undefined;
}

/** `undefined` for a file of the layer's own folder. */
function subfolderIn(path: string, { folder }: Layer): string | undefined {
  const [first, ...rest] = path.slice(folder.length + 1).split("/");
  return rest.length === 0 ? undefined : first;
}

const differ = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other;
