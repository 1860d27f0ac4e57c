/**
 * NextJobExecutionChanged: `$aws/things/T/jobs/notify-next`, sent when another execution becomes the next one. [AWS
 * Jobs: NextNotification]
 *
 * Message: `execution` (a JobExecution with its document, URLs already signed; absent when nothing is pending),
 * `timestamp`.
 *
 * Starting a job sends none; nothing is sent again on connect; messages may come late, twice or out of order: ask
 * `$next/get` to be sure.
 */
import { decodeOptionalExecution } from "./decode.js";
import type { JsonObject } from "./json.js";
import type { JobExecution } from "./model.js";

/** Throws {@link AwsJobsError} `malformed-response`. */
export function decodeNotifyNext({ execution }: JsonObject): JobExecution | undefined {
  return decodeOptionalExecution(execution);
}
