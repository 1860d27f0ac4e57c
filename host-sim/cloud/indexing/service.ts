import { AwsError, type CloudContext, type Stored } from "../context/context.js";
import { isMembers } from "../context/json.js";
import { type IndexingConfiguration, NO_INDEXING, readConfiguration } from "./configuration.js";
import { checkFields } from "./fields-in-query.js";
import { DEFAULT_INDEXING_OPTIONS, type IndexingOptions } from "./options.js";
import { matchesQuery } from "./query/matches.js";
import { parseQuery } from "./query/parse.js";
import type { IndexedThing } from "./thing-document.js";
import { type IndexSources, ThingIndex } from "./thing-index.js";

/** The one index there is here; that of thing groups is not emulated. */
export const THINGS_INDEX = "AWS_Things";

const KEY = ["indexing"];

/** AWS IoT fleet indexing. The operations are functions over it, one file each, in `operations/`. */
export class IndexingService {
  readonly context: CloudContext;
  readonly presence: IndexSources["presence"];
  readonly registry: IndexSources["registry"];
  readonly options: IndexingOptions;
  readonly #index: ThingIndex;
  #configuration: IndexingConfiguration;
  /** Milliseconds since 1970. */
  #readyAt: number;

  constructor(context: CloudContext, sources: IndexSources, options: Partial<IndexingOptions> = {}) {
    this.context = context;
    this.presence = sources.presence;
    this.registry = sources.registry;
    this.options = { ...DEFAULT_INDEXING_OPTIONS, ...options };
    this.#index = new ThingIndex(sources);
    const stored = context.store.get(KEY);
    this.#configuration = storedConfiguration(stored) ?? NO_INDEXING;
    this.#readyAt = isMembers(stored) && typeof stored.readyAt === "number" ? stored.readyAt : 0;
  }

  get configuration(): IndexingConfiguration {
    return this.#configuration;
  }

  /** Turned on it is built for a while; another configuration counts at once. */
  configure(configuration: IndexingConfiguration): void {
    const { now } = this.context.clock;
    if (this.#configuration.thingIndexingMode === "OFF") this.#readyAt = now() + this.options.buildMs;
    this.#configuration = configuration;
    this.#index.forget();
    const { namedShadowNames, ...modes } = configuration;
    this.context.store.put(KEY, {
      configuration: { ...modes, filter: { namedShadowNames } },
      readyAt: this.#readyAt,
    });
  }

  /** @throws AwsError `ResourceNotFound` while indexing is off */
  status(indexName: string): "BUILDING" | "ACTIVE" {
    if (indexName !== THINGS_INDEX || this.#configuration.thingIndexingMode === "OFF") {
      const what = `Index ${indexName} does not exist. Please enable index by calling UpdateIndexingConfiguration`;
      throw new AwsError("ResourceNotFound", what);
    }
    return this.context.clock.now() < this.#readyAt ? "BUILDING" : "ACTIVE";
  }

  /**
   * The things that fit a query, in the order of their names.
   *
   * @throws AwsError `ResourceNotFound`, `IndexNotReady`, `InvalidQuery`
   */
  *search(indexName: string, query: string): Iterable<IndexedThing> {
    if (this.status(indexName) !== "ACTIVE") throw new AwsError("IndexNotReady", `Index ${indexName} is not ready`);
    const node = parseQuery(query);
    checkFields(node, this.#configuration);
    for (const thing of this.#index.things(this.#configuration)) if (matchesQuery(node, thing.fields)) yield thing;
  }
}

function storedConfiguration(stored: Stored | undefined): IndexingConfiguration | undefined {
  const configuration = isMembers(stored) ? stored.configuration : undefined;
  return isMembers(configuration) ? readConfiguration(configuration) : undefined;
}
