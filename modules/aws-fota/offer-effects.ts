import { offerOf, withDocument } from "./active-job.js";
import { type AgentContext, fail, policyOf } from "./agent-context.js";
import { slotNumber } from "./device-facts.js";
import { FotaError } from "./errors.js";
import { parseJobDocument } from "./job-document.js";
import type { FotaDecision, FotaOffer } from "./options.js";
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
    const { job, facts } = context;
    if (job === undefined) return;
    if (facts === undefined) {
      fail(context, new FotaError("no-slot", "the boot state cannot be read"));
      return;
    }
    const outcome = parseJobDocument(job.document, slotNumber(facts.slot.label));
    if (outcome.kind !== "update") {
      fail(
        context,
        outcome.kind === "invalid" ? outcome.error : new FotaError("document-unsupported", "not a firmware update"),
      );
      return;
    }
    job.update = outcome.update;
    job.record = withDocument(job.record, outcome.update);
    const refusal = judgeDocument(outcome.update, policyOf(context, facts));
    if (refusal !== undefined) fail(context, refusal);
    else this.#askApplication(offerOf(job));
  }

  /** The delay for the next `wait`, ms. */
  deferBy(ms: number): void {
    this.#deferMs = boundedDelay(ms);
  }

  wait(): void {
    const { options, dispatch } = this.#context;
    this.stop();
    this.#timer = options.timer.set(() => {
      this.#timer = undefined;
      // A job that runs already was accepted once: it goes on without being asked about again.
      dispatch(this.#context.job?.status === "IN_PROGRESS" ? "accepted" : "offered");
    }, this.#deferMs);
  }

  stop(): void {
    this.#context.options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  #askApplication(offer: FotaOffer): void {
    const context = this.#context;
    const { options, dispatch } = context;
    let decision: FotaDecision = "accept";
    try {
      decision = options.onJob?.(offer) ?? "accept";
    } catch (cause) {
      fail(
        context,
        new FotaError("application-error", cause instanceof Error ? cause.message : "onJob threw", { cause }),
      );
      return;
    }
    if (decision === "accept") dispatch("accepted");
    else if (decision === "refuse") fail(context, new FotaError("refused", "by the application"));
    else if (typeof decision === "object" && typeof decision.deferMs === "number") {
      this.deferBy(decision.deferMs);
      dispatch("deferred");
    } else fail(context, new FotaError("application-error", "onJob returned neither accept, refuse nor deferMs"));
  }
}

/** Not a number, negative or endless: as soon, or as late, as a timer can. */
function boundedDelay(ms: number): number {
  return Number.isNaN(ms) ? 0 : Math.floor(Math.min(MAX_DEFER_MS, Math.max(0, ms)));
}
