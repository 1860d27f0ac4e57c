/** A page of `docs/` that a test follows: its blocks of commands, and the lines of log that it promises. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../outside/outside-application.js";

export class Page {
  readonly #text: string;

  constructor(name: string) {
    this.#text = readFileSync(join(ROOT, "docs", name), "utf8");
  }

  /** The one block of commands with this in it. */
  block(part: string): string {
    const blocks = [...this.#text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
    const [block, ...others] = blocks.filter((each) => each.includes(part));
    if (block === undefined || others.length > 0) assert.fail(`${others.length + 1} blocks or none with ${part}`);
    return block;
  }

  /** The lines that are shown behind this block, up to the next one; without the seconds in front of some. */
  shownBehind(part: string): readonly string[] {
    const [, rest = ""] = this.#text.split(this.block(part));
    const [section = ""] = rest.split("```sh");
    return [...section.matchAll(/^ {4}(?:\d+\.\d+ )?(.+)$/gm)].map(([, line = ""]) => line);
  }
}
