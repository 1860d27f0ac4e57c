import assert from "node:assert/strict";
import { filesBelow, type Import, importsOf, resolveImport, unitOf } from "./source-tree.js";

/**
 * Which module may import values of which. Types may come from any module that the owner's doc comment names as its port: they leave
 * no trace in the firmware, and the design's layers are about what runs.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  src: ["modules/aws-fota", "modules/device-ports", "modules/mqtt-session"],
  "modules/aws-fota": ["modules/aws-jobs", "modules/fota-download", "modules/ota-partition"],
  "modules/aws-jobs": ["modules/mqtt-session"],
  "modules/device-ports": ["modules/guarded-tcp", "modules/ota-partition", "modules/strict-tls"],
  "modules/esp32-sim": [],
  "modules/fota-download": [],
  "modules/guarded-tcp": [],
  "modules/mqtt-session": [],
  "modules/ota-partition": ["modules/esp32-sim"],
  "modules/strict-tls": [],
};

/** Only the simulator's side of `ota-partition` may know the simulated chip. */
const SIMULATED_CHIP_USERS = /^modules\/ota-partition\/(sim|esp32\/native-calls)/;

const isSdk = (specifier: string) =>
  /^(embedded:|timer$|time$|preference$|Resource$|crypt$|file$|mc\/|sntp$|ssl\/|\d+$|ecp$|ecdsa$|curve$|rsa$|pkcs8$|instrumentation$)/.test(
    specifier,
  );

type Edge = Import & { readonly from: string; readonly to: string | undefined };

const edges = (folder: string): Edge[] =>
  filesBelow(folder, ".ts").flatMap((from) =>
    importsOf(from).map((imported) => ({ ...imported, from, to: resolveImport(from, imported.specifier) })),
  );

const describeEdge = ({ from, specifier }: Edge) => `${from} imports ${specifier}`;

describe("dependencies between the project's parts", () => {
  const firmware = [...edges("modules"), ...edges("src")];

  it("finds the imports it is about", () => {
    assert.ok(firmware.length > 50, `only ${firmware.length} imports found`);
    assert.ok(firmware.some(({ to }) => to?.startsWith("modules/aws-jobs/")));
  });

  it("point one way between modules", () => {
    const wrong = firmware.filter(({ from, to, typeOnly }) => {
      if (to === undefined || typeOnly) return false;
      const [owner, used] = [unitOf(from), unitOf(to)];
      return owner !== used && !(ALLOWED[owner] ?? []).includes(used);
    });
    assert.deepEqual(wrong.map(describeEdge), []);
  });

  it("keep the simulated chip out of everything but the simulator's part", () => {
    const wrong = firmware.filter(
      ({ from, to }) =>
        to?.startsWith("modules/esp32-sim/") &&
        unitOf(from) !== "modules/esp32-sim" &&
        !SIMULATED_CHIP_USERS.test(from),
    );
    assert.deepEqual(wrong.map(describeEdge), []);
  });

  it("never lead from the firmware to host-sim, tests, Node or packages", () => {
    const wrong = firmware.filter(({ specifier, to }) =>
      to === undefined ? !isSdk(specifier) : !/^(modules|src)\//.test(to),
    );
    assert.deepEqual(wrong.map(describeEdge), []);
  });

  it("take SDK values only in device-ports, src, and the modules that stand in the place of the SDK's", () => {
    const wrong = firmware.filter(
      ({ from, specifier, to, typeOnly }) =>
        to === undefined &&
        isSdk(specifier) &&
        !typeOnly &&
        !/^(modules\/device-ports|src|modules\/strict-tls\/sdk)\//.test(from),
    );
    assert.deepEqual(wrong.map(describeEdge), []);
  });

  it("never lead from what strict-tls decides to the modules that stand in the place of the SDK's", () => {
    const wrong = firmware.filter(
      ({ from, to }) => /^modules\/strict-tls\/[^/]+$/.test(from) && to?.startsWith("modules/strict-tls/sdk/"),
    );
    assert.deepEqual(wrong.map(describeEdge), []);
  });

  it("keep the local cloud free of the device's encoders", () => {
    const wrong = edges("host-sim/cloud").filter(({ to }) => to !== undefined && /^(modules|src)\//.test(to));
    assert.deepEqual(wrong.map(describeEdge), []);
  });

  it("name only files that exist", () => {
    const known = new Set([...filesBelow("modules", ".ts"), ...filesBelow("src", ".ts")]);
    const wrong = firmware.filter(({ to }) => to !== undefined && !known.has(to));
    assert.deepEqual(wrong.map(describeEdge), []);
  });
});
