import type { TextStore } from "../foundation/text-store.js";
import type { JournalKind } from "./journal-event.js";
import { JournalRing } from "./journal-ring.js";

/** Least time between two writes that nobody asked for, ms. */
const WRITE_INTERVAL_MS = 3_600_000;

/** Where a journal is kept, and its clock. */
export type JournalOptions = {
  /** Where it is kept over a restart; undefined: in memory only. */
  readonly store: TextStore | undefined;
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly trace: (text: string) => void;
};

/**
 * The last events of this device, over restarts. Written when `save()` is called and something happened since, and by
 * itself at most once an hour; whoever stores more often than that may carry `text` along and give it back to `load()`.
 * What happened after the last write is lost with power. A store that fails is traced and harms nothing else.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #ring = new JournalRing();
  readonly #started: number;
  #written: number;
  #isSaved = true;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#started = this.#written = options.now();
  }

  /** A line for each event, oldest first, as `npm run replay` reads it. */
  get text(): string {
    return this.#ring.text;
  }

  /** The last events in at most `limit` characters. */
  brief(limit: number): string {
    return this.#ring.brief(limit);
  }

  /** Takes up what was stored before this start. `carried`: a later text that was stored elsewhere. */
  load(carried?: string): void {
    this.guard(() => {
      const text = carried ?? this.#options.store?.read();
      if (text !== undefined && !this.#ring.load(text)) this.#options.trace("journal: what was stored is no journal");
    });
  }

  add(kind: JournalKind, ...words: readonly (string | number)[]): void {
    const now = this.#options.now();
    this.#ring.add((now - this.#started) / 1000, kind, ...words);
    this.#isSaved = false;
    if (now - this.#written >= WRITE_INTERVAL_MS) this.save();
  }

  /** Makes it what a restart finds. */
  save(): void {
    const { store, now } = this.#options;
    if (store === undefined || this.#isSaved) return;
    this.#isSaved = true;
    this.#written = now();
    this.guard(() => store.write(this.#ring.text));
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.trace(`journal: ${error instanceof Error ? error.message : "the store failed"}`);
    }
  }
}
