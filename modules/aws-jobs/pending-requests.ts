import type { JobsOperation } from "./topics.js";

/** A request that waits for its answer. */
export type PendingRequest<Answer> = {
  readonly token: string;
  readonly operation: JobsOperation;
  readonly jobId: string;
  readonly answer: Answer;
};

/** Which request an answer belongs to. */
export class PendingRequests<Answer> {
  readonly #limit: number;
  #requests: readonly PendingRequest<Answer>[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#requests.length;
  }

  get full(): boolean {
    return this.#requests.length >= this.#limit;
  }

  add(request: PendingRequest<Answer>): void {
    this.#requests = [...this.#requests, request];
  }

  /** @returns false when it had been removed before */
  remove(request: PendingRequest<Answer>): boolean {
    const before = this.#requests.length;
    this.#requests = this.#requests.filter((candidate) => candidate !== request);
    return this.#requests.length < before;
  }

  removeAll(): readonly PendingRequest<Answer>[] {
    const all = this.#requests;
    this.#requests = [];
    return all;
  }

  /**
   * The request with this token, if the answer came on its topics; `undefined` for a repeated answer and one to another
   * client.
   */
  byToken(token: string, operation: JobsOperation, jobId: string): PendingRequest<Answer> | undefined {
    const request = this.#requests.find((candidate) => candidate.token === token);
    return request?.operation === operation && request.jobId === jobId ? request : undefined;
  }

  /**
   * The only request on these topics: for answers that carry no token because they, or the request, could not be read.
   */
  onlyOne(operation: JobsOperation, jobId: string): PendingRequest<Answer> | undefined {
    const [first, second] = this.#requests.filter((one) => one.operation === operation && one.jobId === jobId);
    return second === undefined ? first : undefined;
  }
}
