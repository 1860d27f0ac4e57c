import {
  definedMembers,
  invalidRequest,
  isObject,
  type OperationInput,
  optionalChoice,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredNumber,
} from "../../context/fields.js";
import {
  MAX_EXPIRES_SECONDS,
  MAX_RETRIES,
  MAX_ROLLOUT_PER_MINUTE,
  MAX_TIMEOUT_MINUTES,
  MIN_EXPIRES_SECONDS,
} from "../limits.js";
import type { AbortCriterion, FailureType, JobConfigs, RetryCriterion, RolloutConfig } from "../records.js";

/** The configurations that CreateJob and UpdateJob share. [AWS IoT Jobs: How job configurations work] */
export function jobConfigs(input: OperationInput): JobConfigs {
  return definedMembers({
    presignedUrlConfig: presignedUrlConfig(input),
    timeoutConfig: timeoutConfig(input),
    jobExecutionsRolloutConfig: rolloutConfig(input),
    abortConfig: abortConfig(input),
    jobExecutionsRetryConfig: retryConfig(input),
  });
}

function presignedUrlConfig(input: OperationInput): JobConfigs["presignedUrlConfig"] {
  const config = optionalObject(input, "presignedUrlConfig");
  if (config === undefined) return undefined;
  return definedMembers({
    roleArn: optionalText(config, "roleArn", { pattern: /^arn:.{16,2044}$/ }),
    expiresInSec: optionalNumber(config, "expiresInSec", { min: MIN_EXPIRES_SECONDS, max: MAX_EXPIRES_SECONDS }),
  });
}

function timeoutConfig(input: OperationInput): JobConfigs["timeoutConfig"] {
  const config = optionalObject(input, "timeoutConfig");
  if (config === undefined) return undefined;
  const rule = { min: 1, max: MAX_TIMEOUT_MINUTES };
  return definedMembers({
    inProgressTimeoutInMinutes: optionalNumber(config, "inProgressTimeoutInMinutes", rule),
  });
}

function rolloutConfig(input: OperationInput): RolloutConfig | undefined {
  const config = optionalObject(input, "jobExecutionsRolloutConfig");
  if (config === undefined) return undefined;
  const perMinute = { min: 1, max: MAX_ROLLOUT_PER_MINUTE };
  const maximumPerMinute = optionalNumber(config, "maximumPerMinute", perMinute);
  const rate = optionalObject(config, "exponentialRate");
  if (rate === undefined) return definedMembers({ maximumPerMinute });
  const exponentialRate = {
    baseRatePerMinute: requiredNumber(rate, "baseRatePerMinute", perMinute),
    incrementFactor: requiredNumber(rate, "incrementFactor", { min: 1.1, max: 5, decimals: 1 }),
    rateIncreaseCriteria: rateIncreaseCriteria(rate),
  };
  return definedMembers({ maximumPerMinute, exponentialRate });
}

function rateIncreaseCriteria(rate: OperationInput) {
  const criteria = optionalObject(rate, "rateIncreaseCriteria") ?? {};
  const things = { min: 1, max: Number.MAX_SAFE_INTEGER };
  const numberOfNotifiedThings = optionalNumber(criteria, "numberOfNotifiedThings", things);
  const numberOfSucceededThings = optionalNumber(criteria, "numberOfSucceededThings", things);
  if ((numberOfNotifiedThings === undefined) === (numberOfSucceededThings === undefined)) {
    throw invalidRequest("rateIncreaseCriteria must have numberOfNotifiedThings or numberOfSucceededThings");
  }
  return definedMembers({ numberOfNotifiedThings, numberOfSucceededThings });
}

function abortConfig(input: OperationInput): JobConfigs["abortConfig"] {
  const config = optionalObject(input, "abortConfig");
  if (config === undefined) return undefined;
  return { criteriaList: criteria(config).map(abortCriterion) };
}

function abortCriterion(criterion: OperationInput): AbortCriterion {
  return {
    failureType: requiredChoice<FailureType>(criterion, "failureType", ["FAILED", "REJECTED", "TIMED_OUT", "ALL"]),
    action: requiredChoice(criterion, "action", ["CANCEL"]),
    thresholdPercentage: requiredNumber(criterion, "thresholdPercentage", { min: 0.01, max: 100, decimals: 2 }),
    minNumberOfExecutedThings: requiredNumber(criterion, "minNumberOfExecutedThings", {
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
    }),
  };
}

function retryConfig(input: OperationInput): JobConfigs["jobExecutionsRetryConfig"] {
  const config = optionalObject(input, "jobExecutionsRetryConfig");
  if (config === undefined) return undefined;
  const criteriaList = criteria(config).map(retryCriterion);
  const total = criteriaList.reduce((sum, criterion) => sum + criterion.numberOfRetries, 0);
  if (criteriaList.length > 2 || total > MAX_RETRIES) {
    throw invalidRequest(`jobExecutionsRetryConfig must have 1 or 2 criteria and at most ${MAX_RETRIES} retries`);
  }
  return { criteriaList };
}

function retryCriterion(criterion: OperationInput): RetryCriterion {
  return {
    failureType: requiredChoice(criterion, "failureType", ["FAILED", "TIMED_OUT", "ALL"] as const),
    numberOfRetries: requiredNumber(criterion, "numberOfRetries", { min: 0, max: MAX_RETRIES }),
  };
}

function criteria(config: OperationInput): readonly OperationInput[] {
  const list = optionalList(config, "criteriaList");
  if (list === undefined || list.length === 0) throw invalidRequest("criteriaList must not be empty");
  return list.map((criterion) => {
    if (!isObject(criterion)) throw invalidRequest("criteriaList must hold objects");
    return criterion;
  });
}

function requiredChoice<T extends string>(input: OperationInput, name: string, choices: readonly T[]): T {
  const choice = optionalChoice(input, name, choices);
  if (choice === undefined) throw invalidRequest(`${name} is required`);
  return choice;
}
