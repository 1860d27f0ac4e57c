import {
  encodeUtf8,
  type MqttSession,
  type MqttSessionError,
  type Registration,
  type TimerPort,
} from "../mqtt-session/index.js";
import { ClientTokens } from "./client-token.js";
import { type DescribeOptions, describeRequest } from "./describe.js";
import { AwsJobsError } from "./errors.js";
import { getPendingRequest, type PendingJobs } from "./get-pending.js";
import { type JsonObject, parsePayload } from "./json.js";
import type { JobExecution, PendingByStatus } from "./model.js";
import { decodeNotify } from "./notify.js";
import { decodeNotifyNext } from "./notify-next.js";
import { type PendingRequest, PendingRequests } from "./pending-requests.js";
import { decodeRejection, type JobsRequest } from "./request.js";
import { type StartNextOptions, startNextRequest } from "./start-next.js";
import { isThingName, type JobsTopic, jobsFilters, NEXT, parseTopic, requestTopic } from "./topics.js";
import { type UpdateOptions, type UpdateResult, updateRequest } from "./update.js";

/** The part of {@link MqttSession} that is used. */
export type JobsSession = Pick<MqttSession, "observe" | "subscribe" | "publish">;

/** What the client works over. */
export type AwsJobsOptions = {
  /** Shared with the application; opened and closed by whoever made it. */
  readonly session: JobsSession;
  /** 1 to 128 of a-z A-Z 0-9 : _ - */
  readonly thingName: string;
  readonly timer: TimerPort;
  /** In [0, 1), for client tokens. Default `Math.random`. */
  readonly random?: () => number;
  /** Receives one line for each event worth reading. Default: silent. */
  readonly trace?: (text: string) => void;
  /** How long a request waits for its answer, in ms; default 15 000. The service may stay silent, when it throttles for example. */
  readonly requestTimeoutMs?: number;
  /** Longest value in statusDetails; default 128, at most 1 024. */
  readonly maxStatusValueLength?: number;
  /** Every subscription is acknowledged on the present connection: requests can be made. Called again after each reconnect. */
  onReady(): void;
  /** The next pending execution changed; `undefined`: nothing is pending any more. May come late, twice or out of order. */
  onNotifyNext(execution: JobExecution | undefined): void;
  /** The list of pending executions changed. Without this callback the topic is not subscribed. */
  onNotify?(pending: PendingByStatus): void;
  /** What concerns no request: a notification that is malformed or too long, a refused subscription. */
  onError?(error: AwsJobsError): void;
};

/** `execution` is `undefined` when nothing is pending. Called once, on a later turn, unless closed before. */
export type ExecutionDone = (error: AwsJobsError | undefined, execution?: JobExecution | undefined) => void;

type Answer = {
  timer: object | undefined;
  publish: Registration | undefined;
  accepted(payload: JsonObject): void;
  failed(error: AwsJobsError): void;
};

const REQUEST_TIMEOUT_MS = 15_000;
/** Requests outstanding at a time; each costs a timer and a place in the session's queue. */
const MAX_REQUESTS = 8;
/** Longest request in bytes; the device has to hold it until it is acknowledged. AWS IoT takes 128 KiB. */
const MAX_REQUEST_BYTES = 16 * 1024;

/**
 * Device side of AWS IoT Jobs. Requests are not repeated here: an error says whether it is `retryable`, and the caller knows whether the
 * request still makes sense. Nothing is called from inside a public method; after {@link close} nothing is called at all.
 */
export class AwsJobs {
  readonly #options: AwsJobsOptions;
  readonly #filters: readonly string[];
  readonly #tokens: ClientTokens;
  readonly #pending = new PendingRequests<Answer>(MAX_REQUESTS);
  #registrations: Registration[] = [];
  /** Filters whose SUBACK is missing on the present connection. */
  #missing: readonly string[] = [];
  #open = false;
  /** Refusals that wait for their turn. */
  #timers: readonly object[] = [];

  /** Throws {@link AwsJobsError} `invalid-argument` for a malformed thing name. */
  constructor(options: AwsJobsOptions) {
    if (!isThingName(options.thingName)) throw new AwsJobsError("invalid-argument", "not a thing name");
    this.#options = options;
    this.#filters = jobsFilters(options.thingName, options.onNotify !== undefined);
    this.#tokens = new ClientTokens(options.random ?? Math.random);
  }

  /** Subscribes. Does nothing when open. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#missing = this.#filters;
    const { session } = this.#options;
    this.#registrations = [
      session.observe({
        onDisconnected: () => this.#disconnected(),
        onError: (error) => this.#sessionError(error),
      }),
      ...this.#filters.map((filter) =>
        session.subscribe(filter, {
          onMessage: (topic, payload) => this.#onMessage(topic, payload),
          onSubscribed: (error) => this.#onSubscribed(filter, error),
        }),
      ),
    ];
  }

  /** Unsubscribes and forgets outstanding requests without a call. Calling it again does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const request of this.#pending.removeAll()) this.#release(request.answer);
    for (const timer of this.#timers) this.#options.timer.clear(timer);
    this.#timers = [];
    for (const registration of this.#registrations.reverse()) registration.close();
    this.#registrations = [];
  }

  /** The next pending execution, IN_PROGRESS ones first, with its document. Changes nothing. */
  describeNext(onDone: ExecutionDone): void {
    this.#request(() => describeRequest(NEXT), onDone);
  }

  /** One execution of this thing. Rejected with ResourceNotFound or, once it ended, TerminalStateReached. */
  describe(jobId: string, options: DescribeOptions, onDone: ExecutionDone): void {
    this.#request(() => describeRequest(jobId, options), onDone);
  }

  /** The next pending execution, made IN_PROGRESS if it was QUEUED. */
  startNext(options: StartNextOptions, onDone: ExecutionDone): void {
    this.#request(() => startNextRequest(options, this.#options.maxStatusValueLength), onDone);
  }

  /** Every pending execution, without documents. */
  getPending(onDone: (error: AwsJobsError | undefined, jobs?: PendingJobs) => void): void {
    this.#request(getPendingRequest, onDone);
  }

  /**
   * Sets status and details of an execution. `error.executionState` of VersionMismatch, InvalidStateTransition and sometimes
   * TerminalStateReached says what the service holds instead.
   */
  update(
    jobId: string,
    options: UpdateOptions,
    onDone: (error: AwsJobsError | undefined, result?: UpdateResult) => void,
  ): void {
    this.#request(() => updateRequest(jobId, options, this.#options.maxStatusValueLength), onDone);
  }

  #request<Result>(
    build: () => JobsRequest<Result>,
    onDone: (error: AwsJobsError | undefined, result?: NoInfer<Result> | undefined) => void,
  ): void {
    const refuse = (error: AwsJobsError) => this.#later(() => onDone(error));
    try {
      if (!this.#open || this.#missing.length > 0)
        throw new AwsJobsError("disconnected", "not subscribed at the moment");
      if (this.#pending.full) throw new AwsJobsError("too-many-requests", "too many requests wait");
      this.#send(build(), onDone);
    } catch (error) {
      refuse(asJobsError(error, "invalid-argument"));
    }
  }

  #send<Result>(
    request: JobsRequest<Result>,
    onDone: (error: AwsJobsError | undefined, result?: NoInfer<Result> | undefined) => void,
  ): void {
    const { session, thingName, timer, requestTimeoutMs = REQUEST_TIMEOUT_MS } = this.#options;
    const { operation, jobId } = request;
    const token = this.#tokens.next();
    const payload = encodeUtf8(JSON.stringify({ ...request.fields, clientToken: token }));
    if (payload.length > MAX_REQUEST_BYTES) throw new AwsJobsError("payload-too-large", "the request is too long");
    const answer: Answer = {
      timer: undefined,
      publish: undefined,
      accepted: (accepted) => {
        let result: Result;
        try {
          result = request.decode(accepted);
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
    answer.timer = timer.set(
      () => this.#fail(pending, new AwsJobsError("timeout", `no answer to ${operation}`)),
      requestTimeoutMs,
    );
    answer.publish = session.publish(requestTopic(thingName, operation, jobId), payload, {
      onDone: (error) => {
        if (error === undefined) return;
        const code = error.code === "queue-full" ? "too-many-requests" : "disconnected";
        this.#fail(pending, new AwsJobsError(code, error.message, undefined, { cause: error }));
      },
    });
  }

  #onSubscribed(filter: string, error: MqttSessionError | undefined): void {
    if (error !== undefined) this.#report(new AwsJobsError("subscribe-refused", filter, undefined, { cause: error }));
    if (error !== undefined || this.#missing.length === 0) return;
    this.#missing = this.#missing.filter((candidate) => candidate !== filter);
    if (this.#missing.length === 0) this.#call(() => this.#options.onReady());
  }

  #disconnected(): void {
    this.#missing = this.#filters;
    for (const request of this.#pending.removeAll()) {
      this.#release(request.answer);
      if (this.#open) this.#call(() => request.answer.failed(new AwsJobsError("disconnected", "connection lost")));
    }
  }

  #sessionError(error: MqttSessionError): void {
    if (error.code !== "message-too-long" || error.topic === undefined) return;
    const topic = parseTopic(this.#options.thingName, error.topic);
    if (topic === undefined) return;
    this.#failAnswer(topic, new AwsJobsError("payload-too-large", error.message, undefined, { cause: error }));
  }

  #onMessage(topicName: string, payload: Uint8Array): void {
    const topic = parseTopic(this.#options.thingName, topicName);
    if (topic === undefined) return;
    const message = parsePayload(payload);
    if (message === undefined)
      this.#failAnswer(topic, new AwsJobsError("malformed-response", `${topicName}: not a JSON object`));
    else if (topic.kind === "response") this.#onResponse(topic, message);
    else this.#onNotification(topic.kind, message);
  }

  #onNotification(kind: "notify" | "notify-next", message: JsonObject): void {
    const { onNotify } = this.#options;
    try {
      if (kind === "notify") {
        const pending = decodeNotify(message);
        this.#call(() => onNotify?.call(this.#options, pending));
      } else {
        const execution = decodeNotifyNext(message);
        this.#call(() => this.#options.onNotifyNext(execution));
      }
    } catch (error) {
      this.#report(asJobsError(error, "malformed-response"));
    }
  }

  #onResponse(topic: Extract<JobsTopic, { kind: "response" }>, message: JsonObject): void {
    const { clientToken } = message;
    if (typeof clientToken !== "string") {
      // A request that the service could not read comes back without token. An acceptance without token is somebody else's.
      if (!topic.accepted) this.#failAnswer(topic, decodeRejection(message));
      return;
    }
    const request = this.#pending.byToken(clientToken, topic.operation, topic.jobId);
    if (request === undefined) return;
    if (!topic.accepted) {
      this.#fail(request, decodeRejection(message));
      return;
    }
    this.#pending.remove(request);
    this.#release(request.answer);
    this.#call(() => request.answer.accepted(message));
  }

  /** An answer that names no request: it belongs to the only one on its topic, if there is one. */
  #failAnswer(topic: JobsTopic, error: AwsJobsError): void {
    const request = topic.kind === "response" ? this.#pending.onlyOne(topic.operation, topic.jobId) : undefined;
    if (request === undefined) this.#report(error);
    else this.#fail(request, error);
  }

  #fail(request: PendingRequest<Answer>, error: AwsJobsError): void {
    if (!this.#pending.remove(request)) return;
    this.#release(request.answer);
    this.#call(() => request.answer.failed(error));
  }

  #release(answer: Answer): void {
    this.#options.timer.clear(answer.timer);
    // Whatever the answer was, the request is not to be sent again, least of all on a later connection.
    answer.publish?.close();
  }

  #report(error: AwsJobsError): void {
    this.#trace(`${error.code} ${error.message}`);
    this.#call(() => this.#options.onError?.(error));
  }

  #later(callback: () => void): void {
    const timer = this.#options.timer.set(() => {
      this.#timers = this.#timers.filter((candidate) => candidate !== timer);
      this.#call(callback);
    });
    this.#timers = [...this.#timers, timer];
  }

  /** Some callbacks run in timers, from which nothing may be thrown. */
  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#trace(`a callback threw: ${String(error)}`);
    }
  }

  #trace(text: string): void {
    try {
      this.#options.trace?.(`jobs: ${text}`);
    } catch {
      // A trace that cannot be written is not worth a request.
    }
  }
}

function asJobsError(error: unknown, code: "invalid-argument" | "malformed-response"): AwsJobsError {
  return error instanceof AwsJobsError ? error : new AwsJobsError(code, String(error), undefined, { cause: error });
}
