import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DISPOSITIONS, dispositionOf, FotaError, type FotaErrorCode } from "../../modules/aws-fota/errors.js";
import { AWS_JOBS_RETRY, AwsJobsError } from "../../modules/aws-jobs/index.js";
import { FOTA_DOWNLOAD_RETRY, FotaDownloadError } from "../../modules/fota-download/index.js";
import { FOTA_PATCH_RETRY, FotaPatchError } from "../../modules/fota-patch/index.js";
import type { Retry } from "../../modules/foundation/retry.js";
import { MQTT_SESSION_RETRY, MqttSessionError } from "../../modules/mqtt-session/index.js";
import { OTA_PARTITION_RETRY, OtaPartitionError } from "../../modules/ota-partition/index.js";

/** The tables of the modules below the agent whose codes it passes on. */
const PASSED_ON: Readonly<Record<string, Readonly<Record<string, Retry>>>> = {
  "aws-jobs": AWS_JOBS_RETRY,
  "fota-download": FOTA_DOWNLOAD_RETRY,
  "fota-patch": FOTA_PATCH_RETRY,
  "ota-partition": OTA_PARTITION_RETRY,
};
const BELOW: typeof PASSED_ON = {
  ...PASSED_ON,
  "mqtt-session": MQTT_SESSION_RETRY,
};

const keys = <Code extends string>(table: Readonly<Record<Code, Retry>>) => Object.keys(table) as Code[];
const both = ({ repeatable, retryable }: Retry): Retry => ({ repeatable, retryable });

describe("the tables of what may be tried again", () => {
  it("have the same row for a code that two modules know", () => {
    const rows = new Map<string, Retry>();
    let shared = 0;
    for (const table of Object.values(PASSED_ON)) {
      for (const [code, row] of Object.entries(table)) {
        const known = rows.get(code);
        if (known !== undefined) shared += 1;
        assert.deepEqual(row, known ?? row, code);
        rows.set(code, row);
      }
    }
    // What a session reports ends no job: of its row only the first member is about the same thing.
    for (const [code, { repeatable }] of Object.entries(MQTT_SESSION_RETRY)) {
      const known = rows.get(code);
      if (known !== undefined) shared += 1;
      assert.equal(repeatable, known?.repeatable ?? repeatable, code);
    }
    assert.ok(shared >= 4, `${shared} codes are shared`);
  });

  it("cannot be changed", () => {
    for (const table of [...Object.values(BELOW), DISPOSITIONS]) {
      assert.ok(Object.isFrozen(table));
      for (const row of Object.values(table)) assert.ok(Object.isFrozen(row));
    }
  });

  it("are what the errors of each module say", () => {
    for (const code of keys(AWS_JOBS_RETRY)) assert.deepEqual(both(new AwsJobsError(code, "")), AWS_JOBS_RETRY[code]);
    for (const code of keys(FOTA_DOWNLOAD_RETRY))
      assert.deepEqual(both(new FotaDownloadError(code)), FOTA_DOWNLOAD_RETRY[code]);
    for (const code of keys(OTA_PARTITION_RETRY))
      assert.deepEqual(both(new OtaPartitionError(code, "")), OTA_PARTITION_RETRY[code]);
    for (const code of keys(FOTA_PATCH_RETRY))
      assert.deepEqual(both(new FotaPatchError(code, "")), FOTA_PATCH_RETRY[code]);
    for (const code of keys(MQTT_SESSION_RETRY)) {
      const { repeatable } = new MqttSessionError(code, "");
      assert.deepEqual({ repeatable, retryable: false }, MQTT_SESSION_RETRY[code]);
    }
  });

  it("are what the agent's errors say", () => {
    for (const table of Object.values(PASSED_ON))
      for (const [code, row] of Object.entries(table)) assert.deepEqual(both(DISPOSITIONS[code as FotaErrorCode]), row);
    for (const code of Object.keys(DISPOSITIONS) as FotaErrorCode[])
      assert.deepEqual(both(new FotaError(code)), both(dispositionOf(code)), code);
  });

  it("promise a new execution only for what ends a job with FAILED", () => {
    for (const [code, { status, retryable }] of Object.entries(DISPOSITIONS))
      if (status !== "FAILED") assert.equal(retryable, false, code);
  });
});

describe("docs/errors.md", () => {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8").split("\n")) {
    const title = /^## (.*)/.exec(line)?.[1];
    if (title !== undefined) {
      section = new Map();
      sections.set(title, section);
    }
    const [, code, row] =
      /^\| `([A-Za-z-]+)` \| .* \| ((?:FAILED|REJECTED|-) \| (?:yes|no) \| (?:yes|no)) \|$/.exec(line) ?? [];
    if (code !== undefined) section.set(code, row ?? "");
  }
  const yesNo = (value: boolean) => (value ? "yes" : "no");
  const printed = ({ repeatable, retryable }: Retry, status: string) =>
    `${status === "none" ? "-" : status} | ${yesNo(repeatable)} | ${yesNo(retryable)}`;
  const statusOf = (code: string) => (DISPOSITIONS as Readonly<Record<string, { status: string }>>)[code]?.status;

  for (const [name, table] of Object.entries(BELOW)) {
    it(`lists every code of ${name} with what may be tried again`, () => {
      const expected = Object.entries(table).map(([code, row]) => {
        const status = name in PASSED_ON ? statusOf(code) : "none";
        return [code, printed(row, status ?? "no status")] as const;
      });
      assert.deepEqual([...(sections.get(name) ?? [])].sort(), expected.sort());
    });
  }

  it("lists every other code of the agent in the agent's section", () => {
    const own = sections.get("aws-fota") ?? new Map<string, string>();
    for (const [code, row] of own)
      assert.equal(row, printed(DISPOSITIONS[code as FotaErrorCode], statusOf(code) ?? "unknown"), code);
    const passedOn = new Set(Object.values(PASSED_ON).flatMap((table) => Object.keys(table)));
    const missing = Object.keys(DISPOSITIONS).filter((code) => !passedOn.has(code) && !own.has(code));
    assert.deepEqual(missing, []);
  });
});
