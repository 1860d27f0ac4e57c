import { type Aws, Things } from "../../aws/index.js";
import { FotaError } from "../../failure/index.js";
import { askDevice, type DeviceFacts, searchIndex } from "../../fleet/index.js";
import { inParallel } from "../../jobs/index.js";

/** While there are devices that were never asked, so many times as many are. */
const FIRST = 3;
/** After this, a device is asked again although no job says that it has news. */
const AGAIN_MS = 60_000;

/**
 * All things of the account or of a group, and what runs on them. A look costs one request for 250 names, with fleet
 * indexing one for 100 devices; and up to eight for each of a few devices that the index does not know, those first that
 * have news.
 */
export class Roster {
  readonly #aws: Aws;
  readonly #group: string | undefined;
  readonly #known = new Map<string, DeviceFacts>();
  readonly #askedAt = new Map<string, number>();
  readonly #readAt = new Map<string, number>();
  #names: readonly string[] = [];
  #source: "index" | "devices" = "devices";

  constructor(aws: Aws, group: string | undefined) {
    this.#aws = aws;
    this.#group = group;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  get source(): "index" | "devices" {
    return this.#source;
  }

  /** Things that nothing was asked of yet. */
  get unread(): number {
    return this.#names.filter((name) => !this.#known.has(name)).length;
  }

  factsOf(thing: string): DeviceFacts | undefined {
    return this.#known.get(thing);
  }

  /** When what is known of a thing was asked for; 0 for never. */
  readAt(thing: string): number {
    return this.#readAt.get(thing) ?? 0;
  }

  /**
   * @param most devices that are asked for one by one
   * @param endedAt when a job last ended on a thing
   * @throws FotaError
   */
  async look(most: number, endedAt: ReadonlyMap<string, number>, now: number): Promise<void> {
    await this.#readNames();
    const indexed = await searchIndex(this.#aws, this.#group);
    this.#source = indexed === undefined ? "devices" : "index";
    for (const facts of indexed?.values() ?? []) if (facts.version !== "") this.#know(facts, now);
    // The index lags, and does not have what a device never reported.
    const open = this.#names.filter((name) => (indexed?.get(name)?.version ?? "") === "");
    const due = (name: string): number => {
      const asked = this.#askedAt.get(name);
      if (asked === undefined) return -2 * now;
      return (endedAt.get(name) ?? 0) > asked ? asked - now : asked;
    };
    const chosen = open.filter((name) => due(name) < now - AGAIN_MS);
    chosen.sort((one, other) => due(one) - due(other));
    chosen.length = Math.min(chosen.length, this.unread > 0 ? FIRST * most : most);
    await inParallel(chosen, async (name) => {
      this.#askedAt.set(name, now);
      this.#know(await askDevice(this.#aws, name, indexed?.get(name)), now);
    });
  }

  #know(facts: DeviceFacts, now: number): void {
    this.#known.set(facts.thing, facts);
    this.#readAt.set(facts.thing, now);
  }

  async #readNames(): Promise<void> {
    const things = new Things(this.#aws);
    if (this.#group !== undefined && (await things.group(this.#group)) === undefined)
      throw new FotaError("usage", `there is no thing group ${this.#group}`);
    this.#names = this.#group === undefined ? await things.all() : await things.members(this.#group);
    const there = new Set(this.#names);
    for (const name of this.#known.keys()) if (!there.has(name)) this.#known.delete(name);
  }
}
