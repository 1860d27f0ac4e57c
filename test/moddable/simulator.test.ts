import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findSdk, type ModdableSdk } from "./sdk.js";
import { buildApp, removeBuild, runApp } from "./simulator.js";
import { XsbugListener } from "./xsbug-listener.js";

const BUILD = fileURLToPath(new URL("../../build/moddable", import.meta.url));
const TIMEOUT_MS = 300_000;

const MAIN = `
import Timer from "timer";
trace("begun <&> \\u00e9\\n");
trace("in two ", "parts\\n");
Timer.set(() => { throw new Error("nobody catches this"); }, 300);
`;

describe("looking for the Moddable SDK", () => {
  it("says what is missing", () => {
    assert.deepEqual(findSdk({}), { available: false, reason: "MODDABLE names no folder" });
    assert.deepEqual(findSdk({ MODDABLE: "/nonexistent" }), { available: false, reason: "MODDABLE names no folder" });
    assert.deepEqual(findSdk({ MODDABLE: BUILD.slice(0, BUILD.lastIndexOf("/build")), PATH: "" }), {
      available: false,
      reason: "mcconfig is not on PATH",
    });
  });
});

describe("the listener for XS's debug connection", () => {
  it("puts lines together from pieces, undoes entities, answers and reads instruments", async () => {
    const lines: string[] = [];
    const samples: object[] = [];
    let end: (name: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    const listener = await XsbugListener.open({
      onTrace: (line) => lines.push(line),
      onSamples: (values) => samples.push(values),
      onEnd: end,
    });
    const machine = connect(listener.port, "127.0.0.1");
    const answer = new Promise<string>((resolve) => machine.once("data", (chunk: Buffer) => resolve(chunk.toString())));
    machine.write('<xsbug><login name="app" value="x"/></xsbug>\r\n');
    assert.match(await answer, /<go\/>/);
    const bytes = Buffer.from(
      '<xsbug><instruments><instrument name="Timers" value=""/></instruments></xsbug><xsbug><samples>3</samples></xsbug>' +
        "<xsbug><log>a &lt;&amp;&#233; </log></xsbug><xsbug><log>\u00e9\n</log></xsbug><xsbug><log>rest</log></xsbug>",
    );
    for (let offset = 0; offset < bytes.length; offset += 7) machine.write(bytes.subarray(offset, offset + 7));
    machine.end();
    assert.equal(await ended, "app");
    assert.deepEqual(lines, ["a <&\u00e9 \u00e9", "rest"]);
    assert.deepEqual(samples, [{ Timers: 3 }]);
    listener.close();
  });
});

describe("the simulator's runner (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", () => {
  const folder = join(BUILD, `runner-${process.pid}`);
  let sdk: ModdableSdk;
  let library: string;

  before(async function () {
    const found = findSdk();
    if (!found.available) {
      this.skip();
      return;
    }
    this.timeout(TIMEOUT_MS);
    sdk = found.sdk;
    mkdirSync(folder, { recursive: true });
    const manifest = { include: ["$(MODDABLE)/examples/manifest_base.json"], modules: { "*": "./main" } };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    writeFileSync(join(folder, "main.js"), MAIN);
    library = await buildApp({ sdk, folder });
  });

  after(() => {
    if (sdk !== undefined) removeBuild(sdk, folder);
    rmSync(folder, { recursive: true, force: true });
  });

  it("passes traces on and reports an abort with its reason", async () => {
    const lines: string[] = [];
    const run = await runApp({ sdk, library, timeoutMs: 30_000, onTrace: (line) => lines.push(line) });
    const exit = await run.exit;
    assert.equal(exit.cause, "aborted");
    assert.equal(exit.abort, "unhandled exception");
    assert.deepEqual(lines.slice(0, 2), ["begun <&> \u00e9", "in two parts"]);
  });

  it("stops when it is told to, in the middle of a run", async () => {
    const run = await runApp({
      sdk,
      library,
      timeoutMs: 30_000,
      onTrace: (line) => {
        if (line.startsWith("begun")) run.stop();
      },
    });
    assert.equal((await run.exit).cause, "stopped");
  });

  it("reports a build that fails with the compiler's words", async function () {
    this.timeout(TIMEOUT_MS);
    const broken = join(BUILD, `broken-${process.pid}`);
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, "manifest.json"), "{ no json");
    try {
      await assert.rejects(buildApp({ sdk, folder: broken }), /mcconfig failed/);
    } finally {
      removeBuild(sdk, broken);
      rmSync(broken, { recursive: true, force: true });
    }
  });
});
