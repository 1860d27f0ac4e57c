import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openToOthers } from "../support/modes.js";
import { ROOT } from "./outside/outside-application.js";
import { Page } from "./pages/page.js";
import { Shell } from "./pages/shell.js";
import { findSdk, type ModdableSdk } from "./sdk.js";
import { removeBuild } from "./simulator.js";

const MINUTE = 60_000;
const LOG_MS = 2 * MINUTE;
/** What a clone of the repository brings that the pages' commands use. */
const PARTS = [
  "examples",
  "host-sim",
  "modules",
  "operator",
  "src",
  "tools",
  "manifest.json",
  "package.json",
  "package-lock.json",
];

const INSTALL_LOG = '(cd "$MODDABLE/tools/xsbug-log" && npm install)\n';

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

describe("the pages, followed without a screen (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", function () {
  this.timeout(20 * MINUTE);
  const name = `followed-${process.pid}`;
  let sdk: ModdableSdk;
  let folder: string;
  let shell: Shell;

  before(function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    sdk = found.sdk;
  });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "moddable-pages-"));
    shell = new Shell({ ...sdk.environment });
    shell.replacements.set("sim-1", name);
    shell.replacements.set("5010", String(await freePort()));
  });

  afterEach(async () => {
    await shell?.close();
    if (folder === undefined) return;
    removeBuild(sdk, join(folder, name));
    rmSync(folder, { recursive: true, force: true });
  });

  /** As a clone would be, with the packages there already. */
  function clone(to: string): void {
    mkdirSync(to);
    for (const part of PARTS) cpSync(join(ROOT, part), join(to, part), { recursive: true });
    mkdirSync(join(to, "node_modules"));
    for (const entry of readdirSync(join(ROOT, "node_modules"), { withFileTypes: true })) {
      const there = join(ROOT, "node_modules", entry.name);
      // A package inside the repository is the clone's own.
      symlinkSync(entry.isSymbolicLink() ? readlinkSync(there) : there, join(to, "node_modules", entry.name));
    }
  }

  /** The block that starts the local AWS; afterwards PORT is known. */
  async function startCloud(block: string, cwd: string): Promise<void> {
    const cloud = shell.start(block, cwd);
    const line = await cloud.seen(/^\{"endpoints".*\}$/m, LOG_MS);
    const { endpoints }: { endpoints: { mqtt: { port: number } } } = JSON.parse(line);
    shell.replacements.set("PORT ", `${endpoints.mqtt.port} `);
  }

  function assertShown(log: string, lines: readonly string[]): void {
    assert.ok(lines.length > 0, "the page shows no line");
    for (const line of lines) assert.ok(log.includes(line), `the log has no line "${line}":\n${log}`);
  }

  /**
   * Build, update, restart, confirmation: what both pages do with a provisioned device.
   * @returns the log of both boots
   */
  async function followUpdate(page: Page, cwd: string): Promise<string> {
    const all = page.block("xsbug-log");
    assert.ok(all.startsWith(INSTALL_LOG), "xsbug-log's packages come first");
    const isInstalled = existsSync(join(sdk.root, "tools/xsbug-log/node_modules"));
    const commands = isInstalled ? all.slice(INSTALL_LOG.length) : all;
    const terminal = shell.start(commands, cwd);
    await terminal.seen(/mqtt: connected/, 15 * MINUTE);
    assertShown(terminal.text, page.shownBehind("xsbug-log"));
    await shell.run(page.block("run publish"), cwd);
    await terminal.seen(/restart: the simulator ends here/, LOG_MS);
    assert.equal(await terminal.ended(LOG_MS), 0);
    shell.start(commands.slice(commands.indexOf("XSBUG_PORT")), cwd);
    await terminal.seen(/reporting -> idle \(settled\)/, LOG_MS);
    assertShown(terminal.text, page.shownBehind("run publish"));
    return terminal.text;
  }

  /** The folder is its owner's; what may be read if somebody opens it is no secret. */
  function assertPrivate(device: string): void {
    const files = readdirSync(device);
    for (const file of ["device-key.der", "moddable-aws-fota.flash"]) assert.ok(files.includes(file), `no ${file}`);
    const open = openToOthers(device).map((line) => basename(line.split(" ")[0] ?? ""));
    assert.deepEqual(open.sort(), ["device-certificate.der", "manifest.json", "root-ca.der"]);
  }

  it("getting-started.md leads from an empty folder to the first update", async () => {
    const page = new Page("getting-started.md");
    clone(join(folder, "clone"));
    shell.replacements.set("git submodule add REPOSITORY", `cp -R ${join(folder, "clone")}`);
    await shell.run(page.block("mkdir lamp"), folder);
    const lamp = join(folder, "lamp");
    const library = join(lamp, "moddable-aws-fota");
    await shell.run(page.block("keygen"), lamp);
    await startCloud(page.block("run cloud"), library);
    const printed = await shell.run(page.block("--platform lin"), library);
    const onScreen = page.block("mcconfig -d -m -p lin ../build").trim().replace("sim-1", name);
    assert.ok(printed.includes(onScreen), printed);
    await followUpdate(page, library);
    assertPrivate(join(lamp, "build", name));
    assert.doesNotMatch(readFileSync(join(lamp, "manifest.json"), "utf8"), /"\.\.\/\.\.\//);
  });

  it("simulator.md runs the sample, takes an update, and keeps what is private to itself", async () => {
    const page = new Page("simulator.md");
    const project = join(folder, "project");
    clone(project);
    const said = await shell.run(page.block("run keygen"), project);
    const line = /^"data": .*$/m.exec(said)?.[0] ?? assert.fail(said);
    const manifest = readFileSync(join(project, "manifest.json"), "utf8");
    writeFileSync(join(project, "manifest.json"), manifest.replace(/^\{\n/, `{\n  ${line},\n`));
    await startCloud(page.block("run cloud"), project);
    await shell.run(page.block("--platform lin"), project);
    await followUpdate(page, project);
    assertPrivate(join(project, "build", name));
  });
});
