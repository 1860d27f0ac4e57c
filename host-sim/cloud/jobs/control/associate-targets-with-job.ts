import { AwsError } from "../../context/context.js";
import { definedMembers, invalidRequest, optionalText } from "../../context/fields.js";
import { jobArn } from "../arns.js";
import { MAX_TARGETS, MAX_TEXT_LENGTH } from "../limits.js";
import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import { addToRollout } from "../rollout.js";
import type { JobsService } from "../service.js";
import { requiredTargets, targetThings } from "../targets.js";

/**
 * [AWS IoT: AssociateTargetsWithJob] Adds targets to a CONTINUOUS job.
 *
 * @throws AwsError `InvalidRequest`, `LimitExceeded`, `ResourceNotFound`
 */
export function associateTargetsWithJob(service: JobsService, input: OperationInput): OperationOutput {
  const comment = optionalText(input, "comment", { maxLength: MAX_TEXT_LENGTH });
  return service.transaction(() => {
    const job = existingJob(service, input);
    if (job.targetSelection !== "CONTINUOUS") throw invalidRequest(`job ${job.jobId} is not CONTINUOUS`);
    if (job.status !== "IN_PROGRESS") throw invalidRequest(`job ${job.jobId} is ${job.status}`);
    const added = requiredTargets(service, input).filter((arn) => !job.targets.includes(arn));
    const targets = [...job.targets, ...added];
    if (targets.length > MAX_TARGETS) throw new AwsError("LimitExceeded", `more than ${MAX_TARGETS} targets`);
    const changed = { ...job, ...definedMembers({ comment }), targets, lastUpdatedAt: service.now };
    service.store.putJob(changed);
    const known = targetThings(service, job.targets);
    addToRollout(
      service,
      changed,
      [...targetThings(service, added)].filter((thingName) => !known.has(thingName)),
    );
    const { jobId, description } = job;
    return definedMembers({ jobArn: jobArn(service.context, jobId), jobId, description });
  });
}
