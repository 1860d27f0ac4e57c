import { join } from "node:path";
import { readTextIfPresent, writeFileAtomically } from "../files/index.js";
import type { Credentials } from "../sigv4/credentials.js";

/** What a running cloud writes into its folder for other programs. */
export interface CloudDescription {
  readonly region: string;
  readonly account: string;
  readonly ca: string;
  readonly mqtt: { readonly host: string; readonly port: number };
  readonly https: { readonly host: string; readonly port: number; readonly url: string };
}

/** `cloud.json` (endpoints), `credentials.json` and `env.sh` (for AWS clients). */
export function writeCloudFiles(dir: string, cloud: CloudDescription, credentials: Credentials): void {
  writeFileAtomically(join(dir, "cloud.json"), `${JSON.stringify(cloud, undefined, 2)}\n`);
  writeFileAtomically(join(dir, "credentials.json"), `${JSON.stringify(credentials, undefined, 2)}\n`);
  const variables = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_REGION: cloud.region,
    AWS_CA_BUNDLE: cloud.ca,
    NODE_EXTRA_CA_CERTS: cloud.ca,
    AWS_ENDPOINT_URL: cloud.https.url,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const lines = Object.entries(variables).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  writeFileAtomically(join(dir, "env.sh"), lines.join(""));
}

/** What {@link writeCloudFiles} wrote. Error: throws one line when the folder holds no cloud or a file is damaged. */
export function readCloudFiles(dir: string): { cloud: CloudDescription; credentials: Credentials } {
  const cloud = recordIn(join(dir, "cloud.json"));
  const credentials = recordIn(join(dir, "credentials.json"));
  const mqtt = memberOf(cloud.mqtt);
  const https = memberOf(cloud.https);
  return {
    cloud: {
      region: text(cloud.region),
      account: text(cloud.account),
      ca: text(cloud.ca),
      mqtt: { host: text(mqtt.host), port: port(mqtt.port) },
      https: { host: text(https.host), port: port(https.port), url: text(https.url) },
    },
    credentials: { accessKeyId: text(credentials.accessKeyId), secretAccessKey: text(credentials.secretAccessKey) },
  };
}

function recordIn(path: string): Record<string, unknown> {
  const content = readTextIfPresent(path);
  if (content === undefined) throw new Error(`${path} is missing; is this the folder of a running cloud?`);
  try {
    return memberOf(JSON.parse(content));
  } catch {
    throw new Error(`${path} is damaged`);
  }
}

function memberOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("cloud.json is damaged");
  return { ...value };
}
function text(value: unknown): string {
  if (typeof value !== "string") throw new Error("cloud.json or credentials.json is damaged");
  return value;
}
function port(value: unknown): number {
  if (typeof value !== "number") throw new Error("cloud.json is damaged");
  return value;
}
