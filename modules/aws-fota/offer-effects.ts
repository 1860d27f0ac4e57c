import { type AgentContext, fail, policyOf } from "./agent-context.js";
import { FotaError } from "./errors.js";
import { type JobView, offerOf } from "./job-view.js";
import type { FotaDecision } from "./options.js";
import { judgeDocument } from "./policy.js";
import type { TimerId } from "./ports.js";

const MAX_DEFER_MS = 2_147_483_647;

/** Deciding about a job, and waiting when the application says so (design rule R2). */
export class OfferEffects {
  #context: AgentContext;
  #deferMs = 0;
  #timer: TimerId | undefined;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  ask(): void {
    const context = this.#context;
    const { current } = context.job;
    if (current === undefined) return;
    const refusal = this.refusalOf(current);
    if (refusal !== undefined) fail(context, refusal);
    else this.askApplication(current);
  }

  /** The delay for the next `wait`, ms. */
  deferBy(ms: number): void {
    this.#deferMs = boundedDelay(ms);
  }

  wait(): void {
    const { options, machine, job } = this.#context;
    this.stop();
    this.#timer = options.timer.set(() => {
      this.#timer = undefined;
      // A job that runs already was accepted once: it goes on without being asked about again.
      machine.dispatch(job.current?.status === "IN_PROGRESS" ? "go-on" : "ask-again");
    }, this.#deferMs);
  }

  stop(): void {
    this.#context.options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  /** Why the device itself does not take the update. */
  private refusalOf({ update, fault }: JobView): FotaError | undefined {
    const { facts } = this.#context.device;
    if (facts === undefined) return new FotaError("no-slot", "the boot state cannot be read");
    if (update === undefined) return fault ?? new FotaError("document-unsupported", "not a firmware update");
    return judgeDocument(update, policyOf(this.#context, facts));
  }

  private askApplication(current: JobView): void {
    const context = this.#context;
    const { options, machine } = context;
    let decision: FotaDecision = "accept";
    try {
      decision = options.onJob?.(offerOf(current)) ?? "accept";
    } catch (cause) {
      fail(
        context,
        new FotaError("application-error", cause instanceof Error ? cause.message : "onJob threw", { cause }),
      );
      return;
    }
    if (decision === "accept") machine.dispatch("accepted");
    else if (decision === "refuse") fail(context, new FotaError("refused", "by the application"));
    else if (typeof decision === "object" && typeof decision.deferMs === "number") {
      this.deferBy(decision.deferMs);
      machine.dispatch("deferred");
    } else fail(context, new FotaError("application-error", "onJob returned neither accept, refuse nor deferMs"));
  }
}

/** Not a number, negative or endless: as soon, or as late, as a timer can. */
function boundedDelay(ms: number): number {
  return Number.isNaN(ms) ? 0 : Math.floor(Math.min(MAX_DEFER_MS, Math.max(0, ms)));
}
