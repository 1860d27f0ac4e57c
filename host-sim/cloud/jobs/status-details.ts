import { invalidRequest, type OperationInput, optionalObject } from "../context/fields.js";
import { MAX_STATUS_DETAILS, STATUS_DETAILS_KEY, STATUS_DETAILS_VALUE } from "./limits.js";

/** The member `statusDetails`; undefined when absent or null. [AWS Jobs: statusDetails limits] */
export function optionalStatusDetails(
  input: OperationInput,
  maxValueLength: number,
): Readonly<Record<string, string>> | undefined {
  const given = optionalObject(input, "statusDetails");
  if (given === undefined) return undefined;
  const entries = Object.entries(given);
  if (entries.length > MAX_STATUS_DETAILS) {
    throw invalidRequest(`statusDetails must have at most ${MAX_STATUS_DETAILS} entries`);
  }
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (!STATUS_DETAILS_KEY.test(key)) throw invalidRequest(`statusDetails has a key that is not allowed`);
      if (typeof value !== "string") throw invalidRequest(`statusDetails.${key} must be a string`);
      if (value.length > maxValueLength || !STATUS_DETAILS_VALUE.test(value)) {
        throw invalidRequest(
          `statusDetails.${key} must have 1 to ${maxValueLength} characters, none of them a control character`,
        );
      }
      return [key, value];
    }),
  );
}
