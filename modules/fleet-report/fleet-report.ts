import { type FleetFacts, isNews, shadowDocument, shadowUpdateTopic } from "./shadow-document.js";

/** What it needs of an MQTT session. */
export type FleetSession = {
  publish(
    topic: string,
    payload: string,
    options: { readonly qos: 1; readonly onDone: (error?: { readonly code: string }) => void },
  ): { close(): void };
};

/** Where a thing reports, and over what. */
export type FleetReportOptions = {
  readonly session: FleetSession;
  readonly thingName: string;
  /** Name in the software package catalog; undefined: the shadow "fota". */
  readonly packageName: string | undefined;
  readonly trace: (text: string) => void;
};

/**
 * Tells a thing's shadow what runs: once after a start, and when it has changed. One message is on its way at a time,
 * of what came meanwhile the last goes out. A message that the service does not take ends the reports of this start:
 * where the policy lacks the topic each one would cost the connection.
 */
export class FleetReport {
  readonly #options: FleetReportOptions;
  readonly #topic: string;
  #told: FleetFacts | undefined;
  #waiting: FleetFacts | undefined;
  #message: { close(): void } | undefined;
  #isRefused = false;

  constructor(options: FleetReportOptions) {
    this.#options = options;
    this.#topic = shadowUpdateTopic(options.thingName, options.packageName);
  }

  tell(facts: FleetFacts): void {
    if (this.#isRefused || !isNews(this.#told, facts)) return;
    this.#waiting = facts;
    if (this.#message === undefined) this.send();
  }

  /** What is on its way is forgotten. Any number of times. */
  close(): void {
    this.#isRefused = true;
    this.#waiting = undefined;
    this.#message?.close();
    this.#message = undefined;
  }

  private send(): void {
    const facts = this.#waiting;
    if (facts === undefined) return;
    const { session, packageName } = this.#options;
    this.#waiting = undefined;
    this.#told = facts;
    this.#message = session.publish(this.#topic, shadowDocument(facts, packageName), {
      qos: 1,
      onDone: (error) => {
        this.#message = undefined;
        if (error === undefined) this.send();
        else this.refused(error.code);
      },
    });
  }

  private refused(code: string): void {
    this.close();
    this.#options.trace(
      `fleet-report: ${code}, nothing more is reported until the next start (policy: ${this.#topic})`,
    );
  }
}
