/** Nobody should wonder whether a command still runs: after a silence it says what it waits for. */

/** Says what is going on after so long without a line, and again each time it lasted as long again. */
const SILENCE_MS = 2000;
const LOOK_MS = 250;

export type SilenceOptions = {
  /** Writes one line, beside the command's own output. */
  say(line: string): void;
  readonly now?: () => number;
};

/** Breaks the silence of one command. */
export class Silence {
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  #what = "";
  #since = 0;
  #patience = SILENCE_MS;
  #heard = 0;
  /** Its own line is written where the command's are. */
  #speaking = false;

  constructor({ say, now = () => performance.now() }: SilenceOptions) {
    this.#say = say;
    this.#now = now;
    this.#heard = now();
  }

  /** What is done from now on, as in "the firmware is built"; "" when the command is meant to be silent. */
  doing(what: string): void {
    this.#what = what;
    this.#since = this.#now();
    this.#heard = this.#since;
    this.#patience = SILENCE_MS;
  }

  /** Something was written. */
  heard(): void {
    if (this.#speaking) return;
    this.#heard = this.#now();
    this.#patience = SILENCE_MS;
  }

  /** Called again and again. */
  look(): void {
    const now = this.#now();
    if (this.#what === "" || now - this.#heard < this.#patience) return;
    this.#speaking = true;
    this.#say(`  ${this.#what} ... ${Math.round((now - this.#since) / 1000)} s`);
    this.#speaking = false;
    this.#heard = now;
    this.#patience *= 2;
  }
}

/**
 * Watches what this process writes, and breaks the silence on standard error: standard output may be read by a program.
 * @returns ends the watch
 */
export function watchSilence(silence: Silence): () => void {
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = new Proxy(stream.write, {
      apply(write, self, args) {
        silence.heard();
        return Reflect.apply(write, self, args);
      },
    });
  }
  const timer = setInterval(() => silence.look(), LOOK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    streams.forEach((stream, index) => {
      const original = originals[index];
      if (original !== undefined) stream.write = original;
    });
  };
}
