import type { IotRegistry } from "../iot/registry.js";
import type { PresenceBook } from "../presence/presence-book.js";
import type { ShadowStore } from "../shadows/store.js";
import type { ObservedStore } from "../store/observed-store.js";
import type { IndexingConfiguration } from "./configuration.js";
import { type IndexedThing, indexedThing } from "./thing-document.js";

/** What the index is made of. */
export interface IndexSources {
  readonly registry: Pick<IotRegistry, "thing" | "things" | "leftOf">;
  readonly shadows: Pick<ShadowStore, "shadow">;
  readonly presence: PresenceBook;
  readonly store: ObservedStore;
}

/**
 * All things as the index knows them, kept in memory: a thing is put together anew when one of the keys changed that it
 * is made of, and looked at the next time.
 */
export class ThingIndex {
  readonly #sources: IndexSources;
  readonly #things = new Map<string, IndexedThing>();
  readonly #changed = new Set<string>();
  #names: readonly string[] | undefined;
  #configuration: IndexingConfiguration | undefined;

  constructor(sources: IndexSources) {
    this.#sources = sources;
    sources.store.observe((key) => {
      const thingName = this.#configuration === undefined ? undefined : thingIn(key);
      if (thingName !== undefined) this.#changed.add(thingName);
    });
  }

  /** In the order of their names. */
  *things(configuration: IndexingConfiguration): Iterable<IndexedThing> {
    this.#refresh(configuration);
    this.#names ??= [...this.#things.keys()].sort();
    for (const name of this.#names) {
      const thing = this.#things.get(name);
      if (thing !== undefined) yield thing;
    }
  }

  /** Gives the memory back. */
  forget(): void {
    this.#configuration = undefined;
    this.#names = undefined;
    this.#things.clear();
    this.#changed.clear();
  }

  #refresh(configuration: IndexingConfiguration): void {
    if (this.#configuration !== configuration) {
      this.forget();
      this.#configuration = configuration;
      for (const { thingName } of this.#sources.registry.things()) this.#changed.add(thingName);
    }
    for (const thingName of this.#changed) this.#look(thingName, configuration);
    this.#changed.clear();
  }

  #look(thingName: string, configuration: IndexingConfiguration): void {
    const { registry, shadows, presence } = this.#sources;
    const thing = registry.thing(thingName);
    if (thing === undefined || !this.#things.has(thingName)) this.#names = undefined;
    if (thing === undefined) {
      this.#things.delete(thingName);
      return;
    }
    const named = configuration.namedShadowNames.flatMap((shadowName) => {
      const shadow = shadows.shadow({ thingName, shadowName });
      return shadow === undefined ? [] : [[shadowName, shadow] as const];
    });
    const isNamed = configuration.namedShadowIndexingMode === "ON";
    this.#things.set(
      thingName,
      indexedThing({
        thing,
        thingGroupNames: registry.leftOf("member", thingName),
        ...(configuration.thingIndexingMode === "REGISTRY_AND_SHADOW"
          ? { classicShadow: shadows.shadow({ thingName }) }
          : {}),
        namedShadows: new Map(isNamed ? named : []),
        ...(configuration.thingConnectivityIndexingMode === "STATUS"
          ? { presence: presence.of(thingName) ?? null }
          : {}),
      }),
    );
  }
}

/** The thing of which a key holds something. */
function thingIn(key: readonly string[]): string | undefined {
  const [kind, second, third, , fifth] = key;
  if (kind === "things" || kind === "presence") return second;
  if (kind === "shadows" && second === "shadow") return third;
  return kind === "attached" && second === "member" && third === "right-of" ? fifth : undefined;
}
