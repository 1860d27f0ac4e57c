import { countBoot, FleetReport } from "../fleet-report/index.js";
import type { AgentContext } from "./agent-context.js";
import type { FotaState } from "./fota-state.js";

/** Digits of a SHA-256 that tell images apart. */
const DIGEST_BRIEF = 16;

type LastUpdate = { readonly outcome: string; readonly code: string; readonly job: string | undefined };

/** Tells the fleet what runs and how the last update ended; made where the application wants that. */
export class FleetEffects {
  readonly #context: AgentContext;
  readonly #report: FleetReport;
  #boots: number | undefined;
  #last: LastUpdate | undefined;

  constructor(context: AgentContext, packageName: string | undefined) {
    this.#context = context;
    const { session, thingName, trace } = context.options;
    this.#report = new FleetReport({ session, thingName, packageName, trace });
  }

  open(): void {
    this.#boots = countBoot(this.#context.options.openBoots?.());
  }

  connected(): void {
    this.tell();
  }

  /** The agent is in another state. */
  entered(state: FotaState): void {
    const { current, terminal } = this.#context.job;
    const job = current?.identity.jobId;
    if (state === "testing") this.#last = { outcome: "IN_PROGRESS", code: "", job };
    if (state === "reporting" && terminal !== undefined)
      this.#last = { outcome: terminal.status, code: terminal.details.code ?? "", job };
    if (state === "idle" && this.#context.inbox.connected) this.tell();
  }

  close(): void {
    this.#report.close();
  }

  private tell(): void {
    const { device, job, options } = this.#context;
    const { facts } = device;
    if (facts === undefined) return;
    this.#report.tell({
      version: facts.version,
      slot: facts.running.label,
      project: facts.project,
      reset: facts.resetReason,
      outcome: this.#last?.outcome,
      code: this.#last?.code,
      job: this.#last?.job,
      quarantine: job.quarantined.map(({ digest }) => digest.slice(0, DIGEST_BRIEF)).join(" "),
      boots: this.#boots,
      memory: options.boot.lowestFreeMemory?.(),
    });
  }
}
