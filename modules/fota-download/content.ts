import type { KnownContent } from "./response-check.js";

export type ContentOptions = {
  /** First byte that is missing. */
  readonly offset: number;
  /** Length that the caller demands. */
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly maxSize: number;
};

/** What is known of the content, and how much of it the sink has. */
export class Content {
  readonly #demanded: Pick<ContentOptions, "size" | "maxSize">;
  #offset: number;
  #size: number | undefined;
  #etag: string | undefined;

  constructor({ offset, size, etag, maxSize }: ContentOptions) {
    this.#demanded = { size, maxSize };
    this.#offset = offset;
    this.#size = size;
    this.#etag = etag;
  }

  /** The sink has everything below. */
  get offset(): number {
    return this.#offset;
  }

  /** Its length, once known. */
  get size(): number | undefined {
    return this.#size;
  }

  /** Its entity tag, where the server gives one; to be spread into what is told. */
  get tag(): { readonly etag?: string } {
    return this.#etag === undefined ? {} : { etag: this.#etag };
  }

  get isComplete(): boolean {
    return this.#size !== undefined && this.#offset >= this.#size;
  }

  /** What a response must fit. */
  get known(): KnownContent {
    const { size, maxSize } = this.#demanded;
    return { size: this.#size, sizeDemanded: size !== undefined, etag: this.#etag, maxSize };
  }

  /** A response describes it. */
  describe(size: number, etag: string | undefined): void {
    this.#size = size;
    this.#etag = etag;
  }

  advance(count: number): void {
    this.#offset += count;
  }

  /** Other content begins: nothing of it is known or there. */
  restart(): void {
    this.#offset = 0;
    this.#etag = undefined;
    this.#size = this.#demanded.size;
  }
}
