import { AwsError } from "../../context.js";
import { arnOf } from "../arns.js";
import { policyName, text } from "../input.js";
import type { IotOperation } from "../service.js";

const MAX_POLICY_LENGTH = 2048; // AWS IoT, blanks not counted

/** [AWS IoT: CreatePolicy] Error `MalformedPolicy` for text that is no policy; one version, always the default. */
export const createPolicy: IotOperation = ({ context, registry }, input) => {
  const name = policyName(input);
  const policyDocument = text(input, "policyDocument");
  checkDocument(policyDocument);
  const policyArn = arnOf(context, "policy", name);
  if (registry.policy(name) !== undefined) {
    throw new AwsError("ResourceAlreadyExists", `Policy cannot be created - name already exists (name=${name})`, {
      resourceId: name,
      resourceArn: policyArn,
    });
  }
  registry.putPolicy({ policyName: name, policyDocument, createdAt: context.clock.now() });
  return { policyName: name, policyArn, policyDocument, policyVersionId: "1" };
};

function checkDocument(document: string): void {
  if (document.replace(/\s/g, "").length > MAX_POLICY_LENGTH) {
    throw new AwsError("MalformedPolicy", `Policy document is too long, at most ${MAX_POLICY_LENGTH} characters`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw new AwsError("MalformedPolicy", "Policy document is Malformed: not JSON");
  }
  if (typeof parsed !== "object" || parsed === null || !("Statement" in parsed)) {
    throw new AwsError("MalformedPolicy", "Policy document is Malformed: Statement is missing");
  }
  const statements: unknown[] = Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement];
  for (const statement of statements) {
    if (typeof statement !== "object" || statement === null || !("Effect" in statement)) {
      throw new AwsError("MalformedPolicy", "Policy document is Malformed: a statement has no Effect");
    }
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
      throw new AwsError("MalformedPolicy", "Policy document is Malformed: Effect must be Allow or Deny");
    }
    if (!("Action" in statement) || !("Resource" in statement)) {
      throw new AwsError("MalformedPolicy", "Policy document is Malformed: a statement has no Action or no Resource");
    }
  }
}
