/** Whole lines out of what a program traces piece by piece. */
export class TraceLines {
  readonly #line: (text: string) => void;
  #rest = "";

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  write(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** Gives out a line that was not ended. */
  flush(): void {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
  }
}
