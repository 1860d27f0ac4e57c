import { GetRoleCommand, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import {
  DescribeCertificateCommand,
  GetIndexingConfigurationCommand,
  GetPolicyCommand,
  ListAttachedPoliciesCommand,
  ListThingPrincipalsCommand,
} from "@aws-sdk/client-iot";
import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Aws, accountOf, partitionOf, Things } from "../aws/index.js";
import { PREFIX } from "../bucket/index.js";
import { FotaError } from "../failure/index.js";
import { endpointKind } from "../provision/index.js";
import { fieldsIn, isFields } from "../reading/index.js";
import { deviceNeeds, unmetNeeds } from "./device-needs.js";

/** One thing that an update needs. */
export type Check = {
  readonly name: string;
  /** `unknown`: it could not be looked at; the words say why. */
  readonly state: "good" | "bad" | "unknown";
  readonly text: string;
  /** Lines that mend it. */
  readonly mend: readonly string[];
};

const good = (name: string, text: string): Check => ({ name, state: "good", text, mend: [] });
const bad = (name: string, text: string, ...mend: string[]): Check => ({ name, state: "bad", text, mend });
const unknown = (name: string, text: string, ...mend: string[]): Check => ({ name, state: "unknown", text, mend });

/** What a check makes of a refusal: one that nobody can look behind, with the line that would let it. */
async function looked(name: string, look: () => Promise<Check>): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof FotaError) || error.code === "interrupted") throw error;
    if (error.code === "access-denied") return unknown(name, error.message, ...error.mend);
    return bad(name, error.message, ...error.mend);
  }
}

export function checkIdentity(aws: Aws): Promise<Check> {
  return looked("credentials", async () => {
    const { Account = "", Arn = "" } = await aws.asked("sts:GetCallerIdentity", "these credentials", (sending) =>
      aws.sts.send(new GetCallerIdentityCommand({}), sending),
    );
    return good("credentials", `${Arn} of account ${Account}, region ${await aws.region()}`);
  });
}

/** Longest difference that AWS takes in a signature is five minutes; a canary's time is counted by this clock, too. */
const MAX_CLOCK_MS = 60_000;

export function checkClock(aws: Aws): Promise<Check> {
  return looked("clock", async () => {
    const before = Date.now();
    const server = await aws.serverTime();
    const difference = server.getTime() - (before + Date.now()) / 2;
    const text = `${Math.round(Math.abs(difference) / 1000)} s ${difference < 0 ? "ahead of" : "behind"} AWS`;
    return Math.abs(difference) <= MAX_CLOCK_MS
      ? good("clock", text)
      : bad("clock", text, "set this computer's clock (chronyc makestep, timedatectl set-ntp true)");
  });
}

export function checkEndpoint(aws: Aws): Promise<Check> {
  return looked("endpoint", async () => {
    const endpoint = await aws.deviceEndpoint();
    const kind = endpointKind(endpoint);
    if (aws.local !== undefined) {
      const { host, port } = aws.local.mqtt;
      return good("endpoint", `${host}:${port}, with the CA of the local AWS`);
    }
    return kind === "data-ats" || kind === "custom"
      ? good("endpoint", endpoint)
      : bad("endpoint", `${endpoint} is no ATS endpoint`, "aws iot describe-endpoint --endpoint-type iot:Data-ATS");
  });
}

/** @param mend makes the bucket when it is missing */
export function checkBucket(aws: Aws, bucket: string, mend: boolean): Promise<Check> {
  return looked("bucket", async () => {
    const region = await aws.region();
    try {
      const { LocationConstraint = "us-east-1" } = await aws.asked("s3:GetBucketLocation", bucket, (sending) =>
        aws.s3.send(new GetBucketLocationCommand({ Bucket: bucket }), sending),
      );
      // As S3 has always called it.
      const at = LocationConstraint === "EU" ? "eu-west-1" : LocationConstraint;
      if (at !== region)
        return bad(
          "bucket",
          `${bucket} is in ${at}, the jobs are in ${region}`,
          `--region ${at}, or a bucket in ${region}`,
        );
    } catch (error) {
      if (!(error instanceof FotaError) || error.code !== "no-bucket") throw error;
      if (!mend)
        return bad(
          "bucket",
          `there is no bucket ${bucket}`,
          `fota doctor --bucket ${bucket} --mend, or aws s3 mb s3://${bucket} --region ${region}`,
        );
      await makeBucket(aws, bucket, region);
      return good("bucket", `${bucket} was made in ${region}, closed to the public`);
    }
    return await judgedPolicy(aws, bucket);
  });
}

async function makeBucket(aws: Aws, bucket: string, region: string): Promise<void> {
  const input: CreateBucketCommandInput = { Bucket: bucket };
  // Of us-east-1 a request must not speak.
  const place = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: constraint(region) } };
  await aws.asked("s3:CreateBucket", `arn:aws:s3:::${bucket}`, (sending) =>
    aws.s3.send(new CreateBucketCommand({ ...input, ...place }), sending),
  );
  if (aws.local !== undefined) return;
  const closed = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  };
  await aws.asked("s3:PutBucketPublicAccessBlock", `arn:aws:s3:::${bucket}`, (sending) =>
    aws.s3.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: closed }), sending),
  );
}

type Constraint = NonNullable<NonNullable<CreateBucketCommandInput["CreateBucketConfiguration"]>["LocationConstraint"]>;

/** The SDK lists the regions of its day; a newer one is as good. */
function constraint(region: string): Constraint {
  const isConstraint = (text: string): text is Constraint => text !== "";
  if (!isConstraint(region)) throw new FotaError("usage", "no region is set");
  return region;
}

async function judgedPolicy(aws: Aws, bucket: string): Promise<Check> {
  const region = await aws.region();
  try {
    const { Policy = "" } = await aws.asked("s3:GetBucketPolicy", `arn:aws:s3:::${bucket}`, (sending) =>
      aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }), sending),
    );
    const list = fieldsIn(Policy)?.Statement;
    const denies = (Array.isArray(list) ? list : [list]).filter(isFields).filter(({ Effect }) => Effect === "Deny");
    const names = denies.map(({ Sid }) => (typeof Sid === "string" ? Sid : "one without Sid"));
    return denies.length === 0
      ? good("bucket", `${bucket} in ${region}`)
      : unknown(
          "bucket",
          `${bucket} has a policy that denies (${names.join(", ")}): devices come from anywhere, with URLs that the role signed`,
          `s3:GetObject on ${bucket}/${PREFIX}* must not be denied to the role by address or network`,
        );
  } catch (error) {
    if (!(error instanceof FotaError)) throw error;
    const name = error.cause instanceof Error ? error.cause.name : "";
    if (name === "NoSuchBucketPolicy" || aws.local !== undefined) return good("bucket", `${bucket} in ${region}`);
    throw error;
  }
}

export function checkRole(aws: Aws, role: string, bucket: string): Promise<Check> {
  if (aws.local !== undefined) return Promise.resolve(unknown("role", "the local AWS has no IAM: it takes every role"));
  return looked("role", async () => {
    const roleName = role.slice(role.lastIndexOf("/") + 1);
    const { Role } = await aws.asked("iam:GetRole", `role ${roleName}`, (sending) =>
      aws.iam.send(new GetRoleCommand({ RoleName: roleName }), sending),
    );
    const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
    if (!trust.includes("iot.amazonaws.com"))
      return bad(
        "role",
        `${roleName} does not trust AWS IoT`,
        `aws iam update-assume-role-policy --role-name ${roleName} --policy-document '${TRUST}'`,
      );
    const arn = Role?.Arn ?? "";
    const object = `arn:${partitionOf(arn)}:s3:::${bucket}/${PREFIX}*`;
    const input = { PolicySourceArn: arn, ActionNames: ["s3:GetObject"], ResourceArns: [object] };
    const { EvaluationResults = [] } = await aws.asked("iam:SimulatePrincipalPolicy", arn, (sending) =>
      aws.iam.send(new SimulatePrincipalPolicyCommand(input), sending),
    );
    const decision = EvaluationResults[0]?.EvalDecision;
    if (decision !== "allowed") {
      const allow = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: object }],
      };
      return bad(
        "role",
        `${roleName} may not read ${bucket}/${PREFIX}*: devices get access-denied`,
        `aws iam put-role-policy --role-name ${roleName} --policy-name fota-images --policy-document '${JSON.stringify(allow)}'`,
      );
    }
    return good("role", `${arn} may read ${bucket}/${PREFIX}*`);
  });
}

/** Who may take the role that signs URLs. */
const TRUST =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"iot.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

export function checkIndexing(aws: Aws): Promise<Check> {
  const mend =
    "aws iot update-indexing-configuration --thing-indexing-configuration " +
    "thingIndexingMode=REGISTRY_AND_SHADOW,thingConnectivityIndexingMode=STATUS,namedShadowIndexingMode=ON,filter={namedShadowNames=[fota]}";
  return looked("fleet indexing", async () => {
    const found = await aws.askedFor("iot:GetIndexingConfiguration", "fleet indexing", (sending) =>
      aws.iot.send(new GetIndexingConfigurationCommand({}), sending),
    );
    const { thingIndexingMode = "OFF", thingConnectivityIndexingMode = "OFF" } =
      found?.thingIndexingConfiguration ?? {};
    if (thingIndexingMode === "OFF")
      return unknown(
        "fleet indexing",
        "it is off: status asks each device's shadow, and release cannot see connections",
        mend,
      );
    if (thingConnectivityIndexingMode === "OFF")
      return unknown("fleet indexing", "it is on, without connectivity: release cannot see connections", mend);
    return good("fleet indexing", `${thingIndexingMode}, with connectivity`);
  });
}

/** What one device may do. */
export function checkThing(aws: Aws, name: string): Promise<Check> {
  const title = `thing ${name}`;
  return looked(title, async () => {
    const thing = await new Things(aws).thing(name);
    if (thing === undefined) return bad(title, "it is not there", `fota provision ${name} --out devices`);
    const { principals = [] } = await aws.asked("iot:ListThingPrincipals", name, (sending) =>
      aws.iot.send(new ListThingPrincipalsCommand({ thingName: name }), sending),
    );
    if (principals.length === 0)
      return bad(
        title,
        "no certificate is attached: it cannot connect",
        `aws iot attach-thing-principal --thing-name ${name} --principal CERTIFICATE_ARN`,
      );
    const problems: Check[] = [];
    for (const principal of principals) {
      const problem = await certificateProblem(aws, name, thing.arn, principal);
      if (problem === undefined)
        return good(title, "its certificate is active, and the policy allows all that an update needs");
      problems.push(problem);
    }
    return problems[0] ?? unknown(title, "nothing is known of its certificates");
  });
}

async function certificateProblem(
  aws: Aws,
  name: string,
  thingArn: string,
  principal: string,
): Promise<Check | undefined> {
  const title = `thing ${name}`;
  const certificateId = principal.slice(principal.lastIndexOf("/") + 1);
  const { certificateDescription } = await aws.asked("iot:DescribeCertificate", principal, (sending) =>
    aws.iot.send(new DescribeCertificateCommand({ certificateId }), sending),
  );
  const { status, validity } = certificateDescription ?? {};
  if (status !== "ACTIVE")
    return bad(
      title,
      `its certificate is ${status}`,
      `aws iot update-certificate --certificate-id ${certificateId} --new-status ACTIVE`,
    );
  if (validity?.notAfter !== undefined && validity.notAfter.getTime() < Date.now())
    return bad(
      title,
      `its certificate ended on ${validity.notAfter.toISOString()}`,
      `fota provision ${name} makes another one`,
    );
  const { policies = [] } = await aws.asked("iot:ListAttachedPolicies", principal, (sending) =>
    aws.iot.send(new ListAttachedPoliciesCommand({ target: principal, recursive: aws.local === undefined }), sending),
  );
  const documents = await Promise.all(
    policies.map(async ({ policyName = "" }) => {
      const { policyDocument = "" } = await aws.asked("iot:GetPolicy", policyName, (sending) =>
        aws.iot.send(new GetPolicyCommand({ policyName }), sending),
      );
      return policyDocument;
    }),
  );
  const place = { region: await aws.region(), account: accountOf(thingArn), partition: partitionOf(thingArn) };
  const unmet = unmetNeeds(deviceNeeds(name, place), documents, name);
  const [first] = unmet;
  if (first === undefined) return undefined;
  const statement = {
    Effect: "Allow",
    Action: first.action,
    Resource: first.resource.replaceAll(name, `\${iot:Connection.Thing.ThingName}`).replace("JOB", "*"),
  };
  return bad(
    title,
    `its policies (${policies.map(({ policyName }) => policyName).join(", ") || "none"}) do not allow it ${first.what}: ${first.action} on ${first.resource}`,
    `the policy needs ${JSON.stringify(statement)}${unmet.length > 1 ? `, and ${unmet.length - 1} more` : ""}`,
  );
}
