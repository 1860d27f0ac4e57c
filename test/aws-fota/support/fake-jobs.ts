import assert from "node:assert/strict";
import type {
  AwsJobsError,
  AwsJobsOptions,
  DescribeOptions,
  ExecutionDone,
  UpdateOptions,
  UpdateResult,
} from "../../../modules/aws-jobs/index.js";

export type Update = UpdateOptions & {
  jobId: string;
  answer: (error: AwsJobsError | undefined, result?: UpdateResult) => void;
};
export type Describe = DescribeOptions & { jobId: string; answer: ExecutionDone };

/** The Jobs client: what was asked waits here until the test answers it. */
export class FakeJobs {
  nexts: ExecutionDone[] = [];
  updates: Update[] = [];
  describes: Describe[] = [];
  opened = false;

  constructor(readonly options: AwsJobsOptions) {}

  open(): void {
    this.opened = true;
  }

  close(): void {
    this.opened = false;
  }

  describeNext(onDone: ExecutionDone): void {
    this.nexts.push(onDone);
  }

  describe(jobId: string, options: DescribeOptions, answer: ExecutionDone): void {
    this.describes.push({ ...options, jobId, answer });
  }

  update(jobId: string, options: UpdateOptions, answer: Update["answer"]): void {
    for (const value of Object.values(options.statusDetails ?? {})) {
      assert.match(value, /^[\x20-\x7e]{1,128}$/);
      assert.doesNotMatch(value, /secret|X-Amz/, "R11");
    }
    assert.ok(Object.keys(options.statusDetails ?? {}).length <= 10);
    this.updates.push({ ...options, jobId, answer });
  }
}
