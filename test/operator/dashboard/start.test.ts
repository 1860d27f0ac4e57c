import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCloud } from "../../../host-sim/commands/cloud.js";
import { runDevice } from "../../../host-sim/commands/device.js";
import { runStart } from "../../../host-sim/commands/start.js";
import { openChromium, WITHOUT_CHROMIUM } from "./support/chromium.js";
import { ShownPage } from "./support/shown-page.js";

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** One of the project's commands, until it is interrupted. */
class Command {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  text = "";
  #heard = () => {};

  constructor(...args: readonly string[]) {
    const loader = join(ROOT, "node_modules/tsx/dist/loader.mjs");
    const child = spawn(process.execPath, ["--import", loader, join(ROOT, "host-sim/cli.ts"), ...args], { cwd: ROOT });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        this.text += chunk.toString("utf8");
        this.#heard();
      });
    this.#child = child;
    this.ended = new Promise((resolve) => child.on("close", resolve));
  }

  /** Resolves with the first match in what it writes. */
  async says(pattern: RegExp): Promise<string> {
    let over = false;
    const ended = this.ended.then(() => {
      over = true;
      this.#heard();
    });
    for (;;) {
      const [found] = pattern.exec(this.text) ?? [];
      if (found !== undefined) return found;
      if (over) throw new Error(`it ended without ${pattern}:\n${this.text}`);
      await Promise.race([
        ended,
        new Promise<void>((resolve) => {
          this.#heard = resolve;
        }),
      ]);
    }
  }

  interrupt(): void {
    this.#child.kill("SIGINT");
  }
}

/** Notes each kind of block that is ever in the page. */
const WATCH = `(() => {
  window.seenBlocks = [];
  new MutationObserver(() => {
    for (const { className } of document.querySelectorAll(".blocks .block"))
      if (!window.seenBlocks.includes(className)) window.seenBlocks.push(className);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
})()`;

describe(`npm start -- --dashboard${WITHOUT_CHROMIUM}`, function () {
  this.timeout(120_000);

  it("shows the update of a simulated board from inside, as it happens", async function () {
    if (WITHOUT_CHROMIUM !== "") this.skip();
    const browser = await openChromium();
    const command = new Command("start", "--engine", "node", "--dashboard");
    try {
      const url = await command.says(/http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/);
      assert.doesNotMatch(command.text, /power on/, "it waits for somebody who looks");
      const shown = await ShownPage.open(browser, url);
      const { page } = shown;
      await page.evaluate(WATCH);
      await shown.go("#/device/start-board");
      await page.getByText("runs 1.0.2; started 2 times").waitFor();
      await page.getByText("sequence 2 VALID").waitFor();
      await page.getByRole("img", { name: "ota_1: of 31 blocks 15 erased, 16 data" }).waitFor();
      const seen: unknown = await page.evaluate("window.seenBlocks");
      for (const kind of ["block e", "block x", "block w", "block d"])
        assert.ok(Array.isArray(seen) && seen.includes(kind), `${kind} was seen: ${String(seen)}`);
      const job = page.getByRole("article");
      await job.getByText("1.0.1 to 1.0.2").waitFor();
      await job.getByText("has it").first().waitFor();
      assert.deepEqual(await shown.findings(), []);
      await command.says(/the page stays/);
      command.interrupt();
      assert.equal(await command.ended, 0);
      await page.getByText(/^stale/).waitFor();
      shown.errors.splice(0);
      await shown.close();
    } finally {
      command.interrupt();
      await browser.close();
    }
  });
});

describe("the option --dashboard", () => {
  for (const [name, run, args, message] of [
    ["start", runStart, ["--write"], "start: --write is for --dashboard"],
    ["cloud", runCloud, ["--write"], "cloud: --write is for --dashboard"],
    [
      "device",
      runDevice,
      ["--flash", "f", "--thing", "t", "--endpoint", "h:1", "--dashboard"],
      "device: --dashboard is for --cloud DIR",
    ],
  ] as const)
    it(`is refused in ${name} ${args.join(" ")}`, async () => {
      const lines: string[] = [];
      const output = { out: (line: string) => void lines.push(line), err: (line: string) => void lines.push(line) };
      assert.equal(await run(args, output), 2);
      assert.deepEqual(lines, [message]);
    });
});
