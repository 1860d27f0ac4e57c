import { invalidRequest, type OperationInput, optionalText, requiredText } from "../context/fields.js";

const QUERY_VERSION = "2017-09-30";

/** `queryString` of a request, in the one version of the query language. @throws AwsError `InvalidRequest` */
export function queryIn(input: OperationInput): string {
  const query = requiredText(input, "queryString");
  if (query === "") throw invalidRequest("queryString is required");
  const version = optionalText(input, "queryVersion") ?? QUERY_VERSION;
  if (version !== QUERY_VERSION) throw invalidRequest(`queryVersion must be ${QUERY_VERSION}`);
  return query;
}
