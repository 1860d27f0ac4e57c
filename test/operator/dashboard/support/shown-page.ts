import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A page that does not show something by then does not show it at all. */
const PATIENCE_MS = 15_000;

export type ShownOptions = {
  readonly width?: number;
  readonly dark?: boolean;
};

/** A page in a browser of its own, whose errors and requests to elsewhere end the test. */
export class ShownPage {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly errors: string[] = [];
  readonly #origin: string;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    this.#origin = new URL(url).origin;
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== this.#origin) this.errors.push(`asks ${request.url()}`);
    });
  }

  static async open(browser: Browser, url: string, { width = 1280, dark = false }: ShownOptions = {}) {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: dark ? "dark" : "light",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const shown = new ShownPage(context, await context.newPage(), url);
    await shown.page.goto(url);
    return shown;
  }

  async close(): Promise<void> {
    await this.#context.close();
    assert.deepEqual(this.errors, []);
  }

  /** Opens a view by its address. */
  async go(hash: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  }

  /** Findings of axe-core, as a line each. */
  async findings(): Promise<readonly string[]> {
    // Through the debugger, not as a script of the page.
    await this.page.evaluate(`${AXE}; undefined`);
    const found: unknown = await this.page.evaluate(
      `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 200) + " " + failureSummary)))`,
    );
    return Array.isArray(found) ? found.map(String) : [];
  }

  /** Pixels that the page is wider than its window. */
  async overflow(): Promise<number> {
    return Number(await this.page.evaluate("document.documentElement.scrollWidth - innerWidth"));
  }
}
