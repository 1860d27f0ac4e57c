import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HOST_SIM = fileURLToPath(new URL("../../host-sim", import.meta.url));

type Locked = Readonly<Record<string, string | boolean>>;
type Packages = Readonly<Record<string, Locked>>;

const TSX: Packages = { "node_modules/tsx": { version: "4.0.0", integrity: "sha512-a" } };
const OTHER_PLATFORM: Packages = { "node_modules/@esbuild/aix": { version: "1.0.0", optional: true } };
const WORKSPACE: Packages = {
  "host-sim/cloud": { version: "0.1.0" },
  "node_modules/@moddable-aws-fota/cloud": { resolved: "host-sim/cloud", link: true },
};

/** A project with nothing in it but the bootstrap program, a lock file, and an `npm` of its own on the PATH. */
class Clone {
  readonly root = mkdtempSync(join(tmpdir(), "aws-fota-bootstrap-"));
  searchPath = [join(this.root, "bin"), process.env.PATH].join(delimiter);

  constructor(wanted: Packages) {
    for (const name of ["bootstrap.mjs", "installed-packages.mjs"])
      cpSync(join(HOST_SIM, name), join(this.root, "host-sim", name));
    this.write("package-lock.json", lock(wanted));
    this.write("program.mjs", 'console.log("program", ...process.argv.slice(2)); process.exit(7);');
    // Says that it ran, and installs what the script in `npm-does` installs.
    this.write("bin/npm", '#!/bin/sh\necho "npm $*" >> npm-calls\n. ./npm-does\n', 0o755);
    this.npmDoes("exit 0");
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text, { mode });
  }

  npmDoes(script: string): void {
    this.write("npm-does", `${script}\n`);
  }

  /** Puts packages below `folder` as a complete `npm ci` leaves them. */
  install(installed: Packages, folder = "node_modules"): void {
    for (const [place, { resolved }] of Object.entries(installed)) {
      const target = join(this.root, place.replace(/^node_modules/, folder));
      if (typeof resolved === "string") {
        mkdirSync(join(this.root, resolved), { recursive: true });
        mkdirSync(dirname(target), { recursive: true });
        symlinkSync(join(this.root, resolved), target);
      } else if (place.startsWith("node_modules/")) mkdirSync(target, { recursive: true });
    }
    this.write(`${folder}/tsx/dist/loader.mjs`, "");
    this.write(`${folder}/.package-lock.json`, lock(installed));
  }

  get npmCalls(): string[] {
    const file = join(this.root, "npm-calls");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }

  /** Called with all of standard error whenever there is more of it. */
  onErr: (text: string) => void = () => {};

  run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [join(this.root, "host-sim", "bootstrap.mjs"), ...args], {
      cwd: tmpdir(),
      env: { ...process.env, PATH: this.searchPath },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString("utf8");
      this.onErr(err);
    });
    return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
  }
}

const lock = (packages: Packages) => JSON.stringify({ lockfileVersion: 3, packages });

describe("host-sim/bootstrap.mjs", () => {
  const clones: Clone[] = [];
  const clone = (wanted: Packages) => {
    const made = new Clone({ "": { name: "project" }, ...wanted });
    clones.push(made);
    return made;
  };

  before(function () {
    if (process.platform === "win32") this.skip(); // The stand-in for npm is a shell script.
  });
  afterEach(() => {
    for (const { root } of clones.splice(0)) rmSync(root, { recursive: true, force: true });
  });

  describe("with the packages of the lock file", () => {
    const cases: [string, Packages, Packages][] = [
      ["whatever the files' times are", TSX, TSX],
      ["without a package for another platform", { ...TSX, ...OTHER_PLATFORM }, TSX],
      ["with a package too many", TSX, { ...TSX, "node_modules/left-over": { version: "1.0.0" } }],
      ["with a workspace", { ...TSX, ...WORKSPACE }, { ...TSX, ...WORKSPACE }],
      [
        "with a workspace of another version",
        { ...TSX, ...WORKSPACE, "host-sim/cloud": { version: "0.2.0" } },
        { ...TSX, ...WORKSPACE },
      ],
    ];
    for (const [title, wanted, installed] of cases)
      it(`starts the program at once, ${title}`, async () => {
        const project = clone(wanted);
        project.install(installed);
        // The lock file becomes the newer one.
        project.write("package-lock.json", readFileSync(join(project.root, "package-lock.json"), "utf8"));
        const { code, out, err } = await project.run("program.mjs", "one", "--two");
        assert.deepEqual({ code, out, err }, { code: 7, out: "program one --two\n", err: "" });
        assert.deepEqual(project.npmCalls, []);
      });
  });

  describe("with other packages than those of the lock file", () => {
    const cases: [string, Packages, Packages | undefined, RegExp][] = [
      ["none", TSX, undefined, /no complete install is there/],
      ["one missing", { ...TSX, "node_modules/a/node_modules/b": { version: "1.0.0" } }, TSX, /\(b is not installed\)/],
      ["another version", TSX, { "node_modules/tsx": { version: "3.9.9" } }, /tsx is installed as 3\.9\.9, .* 4\.0\.0/],
      [
        "other contents under the same version",
        TSX,
        { "node_modules/tsx": { version: "4.0.0", integrity: "sha512-b" } },
        /tsx is installed with other contents/,
      ],
      ["a workspace that is not linked", { ...TSX, ...WORKSPACE }, TSX, /cloud is not installed/],
    ];
    for (const [title, wanted, installed, reason] of cases)
      it(`installs first and says why: ${title}`, async () => {
        const project = clone(wanted);
        if (installed !== undefined) project.install(installed);
        project.npmDoes("mkdir -p node_modules/tsx/dist; : > node_modules/tsx/dist/loader.mjs");
        const { code, out, err } = await project.run("program.mjs");
        assert.equal(code, 7, err);
        assert.equal(out, "program\n");
        assert.match(err, reason);
        assert.equal(project.npmCalls.length, 1);
        assert.match(project.npmCalls[0] ?? "", /^npm ci /);
      });

    it("installs again when a package's folder was deleted, or the install was interrupted", async () => {
      const project = clone(TSX);
      project.install(TSX);
      rmSync(join(project.root, "node_modules/tsx"), { recursive: true });
      project.npmDoes("mkdir -p node_modules/tsx/dist; : > node_modules/tsx/dist/loader.mjs");
      await project.run("program.mjs");
      assert.equal(project.npmCalls.length, 1);
      project.write("node_modules/.package-lock.json", '{"packages": {"node_mod');
      await project.run("program.mjs");
      assert.equal(project.npmCalls.length, 2);
    });

    it("shows every two seconds how far the install is, on standard error only", async () => {
      const project = clone(TSX);
      project.npmDoes(
        [
          "echo noise; mkdir -p node_modules/tsx/dist; : > node_modules/tsx/dist/loader.mjs",
          "until [ -f seen-none ]; do sleep 0.1; done; echo '{}' > node_modules/tsx/package.json",
          "until [ -f seen-all ]; do sleep 0.1; done",
        ].join("\n"),
      );
      project.onErr = (text) => {
        if (/^ {2}\d+ s: 0 packages are in place$/m.test(text)) project.write("seen-none", "");
        if (/^ {2}\d+ s: all packages are in place, /m.test(text)) project.write("seen-all", "");
      };
      const { code, out } = await project.run("program.mjs");
      assert.deepEqual({ code, out }, { code: 7, out: "program\n" });
    });

    it("ends with exit code 1 when npm fails, and does not start the program", async () => {
      const project = clone(TSX);
      project.npmDoes("echo 'no network' >&2; exit 1");
      const { code, out, err } = await project.run("program.mjs");
      assert.deepEqual({ code, out }, { code: 1, out: "" });
      assert.match(err, /no network\nnpm ci failed; see the lines above\.\n$/);
    });

    it("ends with exit code 1 when there is no npm", async () => {
      const project = clone(TSX);
      rmSync(join(project.root, "bin/npm"));
      project.searchPath = join(project.root, "bin");
      const { code, err } = await project.run("program.mjs");
      assert.equal(code, 1);
      assert.match(err, /npm cannot be started: .*ENOENT/);
    });
  });

  describe("with a node_modules that is a link", () => {
    it("uses it as it is when it has the packages of the lock file", async () => {
      const project = clone(TSX);
      project.install(TSX, "elsewhere");
      symlinkSync("elsewhere", join(project.root, "node_modules"));
      const { code, out } = await project.run("program.mjs");
      assert.deepEqual({ code, out }, { code: 7, out: "program\n" });
      assert.deepEqual(project.npmCalls, []);
    });

    it("refuses with one line and exit code 1 when it has not, and leaves it untouched", async () => {
      const project = clone(TSX);
      project.install({ "node_modules/tsx": { version: "3.9.9" } }, "elsewhere");
      symlinkSync("elsewhere", join(project.root, "node_modules"));
      const { code, out, err } = await project.run("program.mjs");
      assert.deepEqual({ code, out }, { code: 1, out: "" });
      assert.match(err, /^node_modules is a link, and tsx is installed as 3\.9\.9, .*\. Run npm ci where it leads to/);
      assert.equal(err.trimEnd().split("\n").length, 1);
      assert.deepEqual(project.npmCalls, []);
      assert.ok(existsSync(join(project.root, "elsewhere/tsx/dist/loader.mjs")));
    });

    it("refuses one that leads nowhere", async () => {
      const project = clone(TSX);
      symlinkSync("nowhere", join(project.root, "node_modules"));
      const { code, err } = await project.run("program.mjs");
      assert.equal(code, 1);
      assert.match(err, /^node_modules is a link, and no complete install is there/);
      assert.deepEqual(project.npmCalls, []);
    });

    it("refuses one whose workspace is another checkout's", async () => {
      const project = clone({ ...TSX, ...WORKSPACE });
      const other = clone({ ...TSX, ...WORKSPACE });
      mkdirSync(join(project.root, "host-sim/cloud"));
      other.install({ ...TSX, ...WORKSPACE });
      symlinkSync(join(other.root, "node_modules"), join(project.root, "node_modules"));
      const { code, err } = await project.run("program.mjs");
      assert.equal(code, 1);
      assert.match(err, /@moddable-aws-fota\/cloud is installed from another folder/);
    });
  });

  it("ends with exit code 1 and one line for a lock file that cannot be read, and 2 without a program", async () => {
    const project = clone(TSX);
    project.install(TSX);
    assert.equal((await project.run()).code, 2);
    project.write("package-lock.json", "<<<<<<< ours");
    const { code, err } = await project.run("program.mjs");
    assert.deepEqual({ code, err }, { code: 1, err: "package-lock.json cannot be read\n" });
  });
});
