import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import { encodeUtf8, type MqttSession, type Registration } from "../mqtt-session/index.js";
import { ClientTokens } from "./client-token.js";
import { AwsJobsError } from "./errors.js";
import type { JsonObject } from "./json.js";
import { type PendingRequest, PendingRequests } from "./pending-requests.js";
import { decodeRejection, type JobsRequest } from "./request.js";
import { type AnswerTopic, requestTopic } from "./topics.js";

export type RequestDone<Result> = (error: AwsJobsError | undefined, result?: NoInfer<Result> | undefined) => void;

export type JobsRequestsOptions = {
  readonly session: Pick<MqttSession, "publish">;
  readonly thingName: string;
  readonly timer: TimerPort;
  /** In [0, 1), for client tokens. */
  readonly random: () => number;
  /** Calls a callback of the user, so that nothing it throws gets further. */
  readonly call: (callback: () => void) => void;
  /** A request stayed without answer; called before the request fails. */
  readonly onTimeout: () => void;
};

type Answer = {
  timer: TimerId | undefined;
  publish: Registration | undefined;
  accepted(payload: JsonObject): void;
  failed(error: AwsJobsError): void;
};

/** How long a request waits for its answer. The service may stay silent, when it throttles for example. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** Requests outstanding at a time; each costs a timer and a place in the session's queue. */
const MAX_REQUESTS = 8;

/**
 * Sends requests and finds the one that an answer belongs to. Each ends by one call of its `onDone`, unless it is
 * forgotten.
 */
export class JobsRequests {
  readonly #options: JobsRequestsOptions;
  readonly #tokens: ClientTokens;
  readonly #pending = new PendingRequests<Answer>(MAX_REQUESTS);

  constructor({ session, thingName, timer, random, call, onTimeout }: JobsRequestsOptions) {
    this.#options = { session, thingName, timer, random, call, onTimeout };
    this.#tokens = new ClientTokens(random);
  }

  /** Throws {@link AwsJobsError} `too-many-requests`. */
  send<Result>(request: JobsRequest<Result>, onDone: RequestDone<Result>): void {
    const { session, thingName, timer } = this.#options;
    const { operation, jobId } = request;
    if (this.#pending.full) throw new AwsJobsError("too-many-requests", "too many requests wait");
    const token = this.#tokens.next();
    // At most 6 KB, by the limits of statusDetails; AWS IoT takes 128 KiB.
    const payload = encodeUtf8(JSON.stringify({ ...request.fields, clientToken: token }));
    const answer: Answer = {
      timer: undefined,
      publish: undefined,
      accepted: (message) => {
        let result: Result;
        try {
          result = request.decode(message);
        } catch (error) {
          onDone(asJobsError(error, "malformed-response"));
          return;
        }
        onDone(undefined, result);
      },
      failed: onDone,
    };
    const pending = { token, operation, jobId, answer };
    this.#pending.add(pending);
    answer.timer = timer.set(() => {
      this.#options.onTimeout();
      this.fail(pending, new AwsJobsError("timeout", `no answer to ${operation}`));
    }, REQUEST_TIMEOUT_MS);
    answer.publish = session.publish(requestTopic(thingName, operation, jobId), payload, {
      onDone: (error) => {
        if (error === undefined) return;
        const code = error.code === "queue-full" ? "too-many-requests" : "disconnected";
        this.fail(pending, new AwsJobsError(code, error.message, undefined, { cause: error }));
      },
    });
  }

  /** @returns an error that belongs to no request */
  answered(topic: AnswerTopic, message: JsonObject): AwsJobsError | undefined {
    const { clientToken } = message;
    if (typeof clientToken !== "string") {
      // A request that the service could not read is rejected without token. An accepted answer always carries ours.
      return topic.accepted ? undefined : this.failOnlyOne(topic, decodeRejection(message));
    }
    const request = this.#pending.byToken(clientToken, topic.operation, topic.jobId);
    if (request === undefined) return undefined;
    if (topic.accepted) this.end(request, () => request.answer.accepted(message));
    else this.fail(request, decodeRejection(message));
    return undefined;
  }

  /**
   * For an answer that names no request: it belongs to the only one on its topic.
   * @returns the error when there is none, or more
   */
  failOnlyOne(topic: AnswerTopic, error: AwsJobsError): AwsJobsError | undefined {
    const request = this.#pending.onlyOne(topic.operation, topic.jobId);
    if (request === undefined) return error;
    this.fail(request, error);
    return undefined;
  }

  failAll(code: "disconnected", message: string): void {
    for (const request of this.#pending.removeAll()) {
      this.release(request.answer);
      this.#options.call(() => request.answer.failed(new AwsJobsError(code, message)));
    }
  }

  /** Drops all without a call. */
  forgetAll(): void {
    for (const request of this.#pending.removeAll()) this.release(request.answer);
  }

  private fail(request: PendingRequest<Answer>, error: AwsJobsError): void {
    this.end(request, () => request.answer.failed(error));
  }

  private end(request: PendingRequest<Answer>, tell: () => void): void {
    if (!this.#pending.remove(request)) return;
    this.release(request.answer);
    this.#options.call(tell);
  }

  private release(answer: Answer): void {
    this.#options.timer.clear(answer.timer);
    // Whatever the answer was, the request is not to be sent again, least of all on a later connection.
    answer.publish?.close();
  }
}

export function asJobsError(error: unknown, code: "invalid-argument" | "malformed-response"): AwsJobsError {
  return error instanceof AwsJobsError ? error : new AwsJobsError(code, String(error), undefined, { cause: error });
}
