import { randomBytes } from "node:crypto";
import { type Aws, isJobId, isThingName } from "../../aws/index.js";
import { FotaError, usage } from "../../failure/index.js";
import {
  makeSuccessor,
  planResume,
  planRetry,
  REASON,
  type Successor,
  stopInWords,
  stopJob,
  successorInWords,
  viewStop,
} from "../../jobs/index.js";
import { planRollback, readiness, release } from "../../publish/index.js";
import { isFields, textOf } from "../../reading/index.js";
import { ACTION_KINDS, type ActionPlan, type ActionWish } from "../shown/index.js";

/** A plan is of the moment: later, other devices are past the boot flag. */
const PLAN_MS = 5 * 60_000;
const MAX_PLANS = 20;

export type ActionParts = {
  readonly aws: Aws;
  /** Where images are, for a roll-back; `undefined` when nobody said. */
  readonly bucket: string | undefined;
  readonly role: string | undefined;
};

type Planned = { readonly lines: readonly string[]; perform(): Promise<readonly string[]> };

/** The tool's actions in two steps: what would be done, and doing just that. */
export class Actions {
  readonly #parts: ActionParts;
  readonly #plans = new Map<string, { readonly until: number; readonly planned: Planned }>();

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  /** @throws FotaError */
  async plan(wish: ActionWish, now: number): Promise<ActionPlan> {
    const planned = await this.#planned(wish);
    const plan = randomBytes(16).toString("hex");
    this.#plans.set(plan, { until: now + PLAN_MS, planned });
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > MAX_PLANS && oldest !== undefined) this.#plans.delete(oldest);
    return { plan, lines: planned.lines };
  }

  /** Does what was planned, once. @returns what was done, in words @throws FotaError "not-possible" for an old plan */
  async perform(plan: string, now: number): Promise<readonly string[]> {
    const found = this.#plans.get(plan);
    this.#plans.delete(plan);
    if (found === undefined || found.until < now)
      throw new FotaError("not-possible", "this was done already, or is too old to be done: look at it again");
    return await found.planned.perform();
  }

  async #planned(wish: ActionWish): Promise<Planned> {
    const { aws } = this.#parts;
    const { jobId, force } = wish;
    switch (wish.kind) {
      case "pause":
        return await this.#stop(jobId, REASON.paused, false);
      case "cancel":
        return await this.#stop(jobId, REASON.canceled, force);
      case "resume":
        return this.#successor(await planResume(aws, jobId));
      case "retry":
        return this.#successor(await planRetry(aws, jobId, { force }));
      case "release":
        return await this.#release(jobId);
      case "rollback":
        return await this.#rollback(wish);
    }
  }

  async #stop(jobId: string, reason: string, force: boolean): Promise<Planned> {
    const { aws } = this.#parts;
    const view = await viewStop(aws, jobId);
    const manner = { force, isPause: reason === REASON.paused, tool: "fota" };
    return {
      lines: stopInWords(view, { ...manner, dryRun: true }),
      perform: async () => {
        await stopJob(aws, view, { reason, comment: "by fota dashboard", force });
        return stopInWords(view, { ...manner, dryRun: false });
      },
    };
  }

  #successor(plan: Successor): Planned {
    return {
      lines: successorInWords(plan),
      perform: async () => {
        const { job, made } = await makeSuccessor(this.#parts.aws, plan, () => {});
        return [made ? `the job ${job.jobId} is made` : `${job.jobId} was there already (${job.status})`];
      },
    };
  }

  async #release(jobId: string): Promise<Planned> {
    const { aws } = this.#parts;
    const found = await readiness(aws, { jobId, withoutConnectivity: false, now: new Date() });
    if (!found.ready) throw new FotaError("not-yet", `${jobId} is not released: ${found.why}`);
    const groups = found.canary.rest.join(", ");
    return {
      lines: [`${jobId} may be released: the canaries are well`, `lets the rest have it: ${groups}`],
      perform: async () => [`${jobId} is released for ${(await release(aws, found)).join(", ")}`],
    };
  }

  async #rollback({ jobId, to }: ActionWish): Promise<Planned> {
    const { aws, bucket, role } = this.#parts;
    if (bucket === undefined || role === undefined)
      throw usage("a roll-back needs the bucket and the role", "start the page with --bucket NAME --role NAME");
    if (to === "") throw usage("the version to go back to is missing");
    const plan = await planRollback(aws, { what: jobId, version: to, bucket, role, settings: {} });
    return {
      lines: plan.lines,
      perform: async () => {
        const { job, made } = await plan.perform(() => {});
        return [made ? `the job ${job.jobId} is made` : `${job.jobId} was there already (${job.status})`];
      },
    };
  }
}

/** What the page asks for. @throws FotaError "usage" */
export function readWish(value: unknown): ActionWish {
  if (!isFields(value)) throw usage("no action");
  const kind = ACTION_KINDS.find((name) => name === value.kind);
  const [jobId, to] = [textOf(value.jobId), textOf(value.to)];
  if (kind === undefined) throw usage("no such action");
  if (!isJobId(jobId) && !isThingName(jobId)) throw usage("no such job");
  return { kind, jobId, to, force: value.force === true };
}
