import { FotaError } from "../failure/index.js";

/** What was asked of AWS, as policies name it. */
export type Question = {
  /** As in a policy: `iot:CreateJob`. */
  readonly action: string;
  /** ARN, or a name where no ARN is known. */
  readonly resource: string;
  readonly region: string;
};

type Told = { readonly name: string; readonly message: string; readonly status: number; readonly region: string };

const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]);
const UNKNOWN_KEYS = new Set([
  "CredentialsProviderError",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
const DENIED = new Set(["AccessDenied", "AccessDeniedException", "ForbiddenException", "UnauthorizedException"]);
const THROTTLED = new Set([
  "RequestLimitExceeded",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);
const OTHER_REGION = new Set([
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "PermanentRedirect",
  "301",
]);
const MISSING = new Set(["NoSuchKey", "NotFound", "NotFoundException", "ResourceNotFoundException", "NoSuchEntity"]);
const TAKEN = new Set([
  "ResourceAlreadyExistsException",
  "ConflictException",
  "BucketAlreadyExists",
  "BucketAlreadyOwnedByYou",
]);
const NOT_REACHED = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "ETIMEDOUT",
  "TimeoutError",
]);
const CLOCK = new Set(["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]);

/**
 * What an error of the SDK means for whoever runs the tool, and what mends it. A {@link FotaError} stays what it is.
 */
export function explain(error: unknown, question: Question): FotaError {
  if (error instanceof FotaError) return error;
  const told = readError(error);
  const { action, resource, region } = question;
  const asked = `${action} on ${resource}`;
  const fail = (code: FotaError["code"], message: string, ...mend: string[]) =>
    new FotaError(code, message, { mend, cause: error });
  if (told.name === "AbortError") return fail("interrupted", `stopped while ${asked} was asked`);
  if (EXPIRED.has(told.name))
    return fail("credentials", `the credentials have expired (${asked})`, "aws sso login", "or fresh keys");
  if (CLOCK.has(told.name) || /Signature expired|Signature not yet current/.test(told.message))
    return fail("credentials", "this computer's clock is wrong: AWS takes no request", "set the clock");
  if (UNKNOWN_KEYS.has(told.name))
    return fail(
      "credentials",
      `AWS does not know these credentials, or there are none (${told.name})`,
      "aws configure list shows which ones are taken; --profile NAME takes others",
    );
  if (DENIED.has(told.name) || told.status === 403) return denied(told, question, error);
  if (THROTTLED.has(told.name) || told.status === 429)
    return fail("throttled", `AWS takes no more requests for now (${asked})`, "wait a minute and call it again");
  if (told.name === "NoSuchBucket")
    return fail("no-bucket", `there is no bucket ${resource}`, `fota doctor --mend makes it, or aws s3 mb ${resource}`);
  if (OTHER_REGION.has(told.name) || told.status === 301)
    return fail(
      "wrong-region",
      `${resource} is not in ${region}${told.region === "" ? "" : ` but in ${told.region}`}`,
      `--region ${told.region === "" ? "REGION" : told.region}`,
    );
  if (TAKEN.has(told.name)) return fail("already-exists", `${resource} is there already`);
  if (MISSING.has(told.name) || told.status === 404) return fail("not-found", `there is no ${resource} in ${region}`);
  if (told.name === "LimitExceededException")
    return fail("limit", `${asked}: ${told.message}`, "the quotas of AWS IoT Jobs; end jobs that are over");
  if (NOT_REACHED.has(told.name))
    return fail("unreachable", `AWS in ${region} cannot be reached (${told.name})`, "network, proxy, --region");
  return fail("service", `${asked}: ${told.name}: ${told.message}`);
}

/** IAM's text names what was really refused, which may be another action than the one asked for: `iam:PassRole`. */
function denied(told: Told, { action, resource }: Question, cause: unknown): FotaError {
  const [, byIam, onIam] =
    /not authorized to perform: ([\w-]+:\w+)(?: on resource: "?([^\s"]+))?/.exec(told.message) ?? [];
  const [refused, on] = [byIam ?? action, onIam ?? resource];
  const statement = JSON.stringify({ Effect: "Allow", Action: refused, Resource: arnFor(refused, on) });
  const denies = /explicit deny/.test(told.message) ? " (a policy denies it in so many words)" : "";
  return new FotaError("access-denied", `access denied: ${refused} on ${on}${denies}`, {
    mend: [`the policy needs ${statement}`],
    cause,
  });
}

function arnFor(action: string, resource: string): string {
  if (resource.startsWith("arn:")) return resource;
  return action.startsWith("s3:") && resource.startsWith("s3://") ? `arn:aws:s3:::${resource.slice(5)}` : "*";
}

function readError(error: unknown): Told {
  if (typeof error !== "object" || error === null)
    return { name: "Error", message: String(error), status: 0, region: "" };
  const text = (name: string): string => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" ? value : "";
  };
  const metadata: unknown = Reflect.get(error, "$metadata");
  const status: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "httpStatusCode") : undefined;
  const code = text("code");
  return {
    name: NOT_REACHED.has(code) ? code : text("name"),
    message: (text("message") || text("Message")).split("\n")[0] ?? "",
    status: typeof status === "number" ? status : 0,
    region: text("Region") || /expecting '([\w-]+)'/.exec(text("message"))?.[1] || "",
  };
}
