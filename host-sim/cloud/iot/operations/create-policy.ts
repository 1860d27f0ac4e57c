import { arnOf } from "../../context/arns.js";
import { AwsError } from "../../context/context.js";
import { parsePolicy } from "../../policy/document.js";
import { policyName, text } from "../input.js";
import type { IotOperation } from "../service.js";

const MAX_POLICY_LENGTH = 2048; // AWS IoT, blanks not counted

const MAX_TEXT_LENGTH = 404_600; // AWS IoT: PolicyDocument, blanks counted

/** [AWS IoT: CreatePolicy] Error `MalformedPolicy` for text that is no policy; one version, always the default. */
export const createPolicy: IotOperation = ({ context, registry }, input) => {
  const name = policyName(input);
  const policyDocument = text(input, "policyDocument", MAX_TEXT_LENGTH);
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
  parsePolicy(document);
}
