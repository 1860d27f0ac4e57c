import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import type { MqttSession, MqttSessionError, Registration } from "../mqtt-session/index.js";
import { AnswerSubscriptions } from "./answer-subscriptions.js";
import { type DescribeOptions, describeRequest } from "./describe.js";
import { AwsJobsError } from "./errors.js";
import { type JsonObject, parsePayload } from "./json.js";
import type { JobExecution } from "./model.js";
import { isThingName } from "./names.js";
import { decodeNotifyNext } from "./notify-next.js";
import type { JobsRequest } from "./request.js";
import { asJobsError, JobsRequests, type RequestDone } from "./requests.js";
import { everyAnswer, NEXT, notifyNextTopic, parseTopic } from "./topics.js";
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
  /** `notify-next` is subscribed on the present connection: requests can be made. Called again after each reconnect. */
  onReady(): void;
  /**
   * The next pending execution changed; `undefined`: nothing is pending any more. May come late, twice or out of order.
   */
  onNotifyNext(execution: JobExecution | undefined): void;
  /** What concerns no request: a notification that is malformed or too long, a refused subscription. */
  onError?(error: AwsJobsError): void;
};

/** `execution` is `undefined` when nothing is pending. Called once, on a later turn, unless closed before. */
export type ExecutionDone = (error: AwsJobsError | undefined, execution?: JobExecution | undefined) => void;

/**
 * Device side of AWS IoT Jobs. Requests are not repeated here: an error says whether it is `repeatable`, and the caller
 * knows whether the request still makes sense. Nothing is called from inside a public method; after {@link close}
 * nothing is called at all.
 */
export class AwsJobs {
  readonly #options: AwsJobsOptions;
  readonly #requests: JobsRequests;
  readonly #answers: AnswerSubscriptions;
  #registrations: Registration[] = [];
  #open = false;
  /** `notify-next` is acknowledged on the present connection. */
  #ready = false;
  /** What is done on a turn of its own, in this order. */
  #waiting: (() => void)[] = [];
  #turn: TimerId | undefined;

  /** Throws {@link AwsJobsError} `invalid-argument` for a malformed thing name. */
  constructor(options: AwsJobsOptions) {
    if (!isThingName(options.thingName)) throw new AwsJobsError("invalid-argument", "not a thing name");
    this.#options = options;
    this.#answers = new AnswerSubscriptions({
      ...options,
      onRefused: (filter, error) => this.refused(filter, error),
    });
    this.#requests = new JobsRequests({
      ...options,
      random: options.random ?? Math.random,
      call: (callback) => this.call(callback),
      onTimeout: () => this.#answers.event("timeout"),
    });
  }

  /** Subscribes. Does nothing when open. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#ready = false;
    const { session, thingName } = this.#options;
    const onMessage = (topic: string, payload: Uint8Array) => this.onMessage(topic, payload);
    this.#registrations = [
      session.observe({
        listensTo: everyAnswer(thingName),
        onMessage,
        onDisconnected: () => this.disconnected(),
        onError: (error) => this.sessionError(error),
      }),
      session.subscribe(notifyNextTopic(thingName), { onMessage, onSubscribed: (error) => this.onSubscribed(error) }),
    ];
  }

  /** Unsubscribes and forgets outstanding requests without a call. Calling it again does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#requests.forgetAll();
    this.#options.timer.clear(this.#turn);
    this.#turn = undefined;
    this.#waiting = [];
    this.#answers.close();
    for (const registration of this.#registrations.reverse()) registration.close();
    this.#registrations = [];
  }

  /** The next pending execution, IN_PROGRESS ones first, with its document. Changes nothing. */
  describeNext(onDone: ExecutionDone): void {
    this.request(() => describeRequest(NEXT), onDone);
  }

  /** One execution of this thing. Rejected with ResourceNotFound or, once it ended, TerminalStateReached. */
  describe(jobId: string, options: DescribeOptions, onDone: ExecutionDone): void {
    const asked = { ...options };
    this.request(() => describeRequest(jobId, asked), onDone);
  }

  /**
   * Sets status and details of an execution. `error.executionState` of VersionMismatch, InvalidStateTransition and
   * sometimes TerminalStateReached says what the service holds instead.
   */
  update(
    jobId: string,
    options: UpdateOptions,
    onDone: (error: AwsJobsError | undefined, result?: UpdateResult) => void,
  ): void {
    // As they are now: the request is made on a later turn.
    const { statusDetails } = options;
    const asked = statusDetails === undefined ? { ...options } : { ...options, statusDetails: { ...statusDetails } };
    this.request(() => updateRequest(jobId, asked), onDone);
  }

  private request<Result>(build: () => JobsRequest<Result>, onDone: RequestDone<Result>): void {
    this.call(() => {
      try {
        if (!this.#ready) throw new AwsJobsError("disconnected", "not subscribed at the moment");
        this.#requests.send(build(), onDone);
      } catch (cause) {
        onDone(asJobsError(cause, "invalid-argument"));
      }
    });
  }

  private onSubscribed(error: MqttSessionError | undefined): void {
    if (error !== undefined) {
      this.refused(notifyNextTopic(this.#options.thingName), error);
      return;
    }
    this.#ready = true;
    this.call(() => this.#options.onReady());
  }

  private refused(filter: string, cause: MqttSessionError): void {
    this.report(new AwsJobsError("subscribe-refused", filter, undefined, { cause }));
  }

  private disconnected(): void {
    this.#ready = false;
    this.#answers.event("connection-lost");
    this.#requests.failAll("disconnected", "connection lost");
  }

  private sessionError(error: MqttSessionError): void {
    if (error.code !== "message-too-long" || error.topic === undefined) return;
    this.unreadable(error.topic, new AwsJobsError("payload-too-large", error.message, undefined, { cause: error }));
  }

  private onMessage(topicName: string, payload: Uint8Array): void {
    const topic = parseTopic(this.#options.thingName, topicName);
    if (topic === undefined) return;
    if (topic.kind === "answer") this.#answers.event("answer");
    const message = parsePayload(payload);
    if (message === undefined)
      this.unreadable(topicName, new AwsJobsError("malformed-response", `${topicName}: not a JSON object`));
    else if (topic.kind === "answer") this.report(this.#requests.answered(topic, message));
    else this.notified(message);
  }

  private notified(message: JsonObject): void {
    try {
      const execution = decodeNotifyNext(message);
      this.call(() => this.#options.onNotifyNext(execution));
    } catch (error) {
      this.report(asJobsError(error, "malformed-response"));
    }
  }

  private unreadable(topicName: string, error: AwsJobsError): void {
    const topic = parseTopic(this.#options.thingName, topicName);
    if (topic !== undefined) this.report(topic.kind === "answer" ? this.#requests.failOnlyOne(topic, error) : error);
  }

  private report(error: AwsJobsError | undefined): void {
    if (error === undefined) return;
    this.trace(`${error.code} ${error.message}`);
    this.call(() => this.#options.onError?.(error));
  }

  /**
   * On a turn of its own: what the user does then, a request among it, begins with an empty stack, whose room is small
   * on a device, and not within the session's, the agent's and this one's handling of a message.
   */
  private call(callback: () => void): void {
    if (!this.#open) return;
    this.#waiting.push(callback);
    this.#turn ??= this.#options.timer.set(() => this.runWaiting());
  }

  /** In a timer, from which nothing may be thrown. Closing from inside of one callback silences the others. */
  private runWaiting(): void {
    this.#turn = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) {
      if (!this.#open) return;
      try {
        callback();
      } catch (error) {
        this.trace(`a callback threw: ${String(error)}`);
      }
    }
  }

  private trace(text: string): void {
    try {
      this.#options.trace?.(`jobs: ${text}`);
    } catch {
      // A trace function that throws must not end a request.
    }
  }
}
