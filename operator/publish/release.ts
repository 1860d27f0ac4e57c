import { AssociateTargetsWithJobCommand } from "@aws-sdk/client-iot";
import { type Aws, Things } from "../aws/index.js";
import { FotaError } from "../failure/index.js";
import { connections } from "../fleet/index.js";
import { type CanaryNote, executionsOfJob, isWaiting, type JobView, readJob } from "../jobs/index.js";

const MINUTE_MS = 60_000;

export type ReleaseWish = {
  readonly jobId: string;
  /** Do not ask whether the canaries are connected: for accounts without fleet indexing. */
  readonly withoutConnectivity: boolean;
  readonly now: Date;
};

/** Whether the rest of a roll-out may have it, and if not, why. */
export type Readiness = {
  readonly job: JobView;
  readonly canary: CanaryNote;
  readonly ready: boolean;
  /** In words; "" when it is ready. */
  readonly why: string;
};

/**
 * Judges the canaries of a job by what AWS knows of them.
 * @throws FotaError "update-failed" when too many failed, or AWS stopped the job; "not-possible" for a job without a
 * rest that waits, and where nothing tells whether they are connected
 */
export async function readiness(aws: Aws, { jobId, withoutConnectivity, now }: ReleaseWish): Promise<Readiness> {
  const job = await readJob(aws, jobId);
  const { canary } = job.note ?? {};
  if (canary === undefined) throw new FotaError("not-possible", `${jobId} has no canaries: its devices got it at once`);
  if (job.status !== "IN_PROGRESS")
    throw new FotaError(
      "update-failed",
      `${jobId} is ${job.status}${job.reason === "" ? "" : ` (${job.reason})`}: nothing is released`,
    );
  if (!isWaiting(job)) throw new FotaError("not-possible", `the rest of ${jobId} was released already`);
  const notReady = (why: string): Readiness => ({ job, canary, ready: false, why });
  const { counts } = job;
  const failed = counts.FAILED + counts.REJECTED + counts.TIMED_OUT;
  const allowed = (canary.fail / 100) * canary.things;
  if (failed > allowed)
    throw new FotaError(
      "update-failed",
      `${failed} of ${canary.things} canaries of ${jobId} failed: nothing is released`,
      {
        mend: [`fota watch ${jobId} --once says why; fota cancel ${jobId} ends it`],
      },
    );
  const through = counts.SUCCEEDED + failed;
  if (through < canary.things) return notReady(`${through} of ${canary.things} canaries are through`);
  const good: { readonly thing: string; readonly at: number }[] = [];
  for await (const { thing, lastUpdatedAt } of executionsOfJob(aws, jobId, "SUCCEEDED"))
    good.push({ thing, at: lastUpdatedAt?.getTime() ?? now.getTime() });
  if (good.length === 0) throw new FotaError("update-failed", `no canary of ${jobId} has got it: nothing is released`);
  const wellSince = Math.max(...good.map(({ at }) => at));
  const ripeAt = wellSince + canary.soak * MINUTE_MS;
  if (ripeAt > now.getTime())
    return notReady(`the canaries are well until ${new Date(ripeAt).toISOString()} at the earliest`);
  if (withoutConnectivity) return { job, canary, ready: true, why: "" };
  const known = await connections(
    aws,
    good.map(({ thing }) => thing),
  );
  if (known === undefined)
    throw new FotaError(
      "not-possible",
      "nothing tells whether the canaries are connected: fleet indexing with connectivity is off",
      {
        mend: [
          "aws iot update-indexing-configuration --thing-indexing-configuration thingIndexingMode=REGISTRY,thingConnectivityIndexingMode=STATUS",
          "or --without-connectivity: that they SUCCEEDED, and the time since, is enough",
        ],
      },
    );
  const lost = good.filter(({ thing }) => {
    const { connected, connectedAt } = known.get(thing) ?? {};
    return connected !== true || (connectedAt?.getTime() ?? 0) > now.getTime() - canary.soak * MINUTE_MS;
  });
  if (lost.length > 0)
    return notReady(
      `${lost.length} canaries were not connected for ${canary.soak} minutes: ${lost.map(({ thing }) => thing).join(", ")}`,
    );
  return { job, canary, ready: true, why: "" };
}

/** Lets the rest have it: AWS hands it out from now on, at the job's own rate. @throws FotaError */
export async function release(aws: Aws, { job, canary }: Readiness): Promise<readonly string[]> {
  const things = new Things(aws);
  const targets = await Promise.all(canary.rest.map((group) => things.target(`group:${group}`)));
  const input = { jobId: job.jobId, targets: targets.map(({ arn }) => arn), comment: "released after its canaries" };
  await aws.asked("iot:AssociateTargetsWithJob", `job ${job.jobId}`, (sending) =>
    aws.iot.send(new AssociateTargetsWithJobCommand(input), sending),
  );
  return canary.rest;
}
