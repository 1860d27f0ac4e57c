import { readFileSync } from "node:fs";
import { join } from "node:path";
import { usage } from "../failure/index.js";
import { type Fields, fieldsIn, isFields } from "../reading/index.js";

/** Where a local AWS is, as its folder says. */
export type LocalCloud = {
  readonly region: string;
  readonly account: string;
  /** PEM. */
  readonly ca: string;
  readonly url: string;
  readonly mqtt: { readonly host: string; readonly port: number };
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** Reads `cloud.json` and `credentials.json` of the folder. @throws FotaError "usage" that names the file */
export function readLocalCloud(dir: string): LocalCloud {
  const cloud = fieldsOf(dir, "cloud.json");
  const credentials = fieldsOf(dir, "credentials.json");
  const bad = () => usage(`--local ${dir}: its cloud.json or credentials.json is damaged`);
  const text = (value: unknown): string => {
    if (typeof value !== "string") throw bad();
    return value;
  };
  const { mqtt, https } = cloud;
  if (!isFields(mqtt) || !isFields(https) || typeof mqtt.port !== "number") throw bad();
  return {
    region: text(cloud.region),
    account: text(cloud.account),
    ca: readText(dir, text(cloud.ca)),
    url: text(https.url),
    mqtt: { host: text(mqtt.host), port: mqtt.port },
    credentials: { accessKeyId: text(credentials.accessKeyId), secretAccessKey: text(credentials.secretAccessKey) },
  };
}

function fieldsOf(dir: string, name: string): Fields {
  const fields = fieldsIn(readText(dir, join(dir, name)));
  if (fields === undefined) throw usage(`--local ${dir}: ${name} is damaged`);
  return fields;
}

function readText(dir: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw usage(
      `--local ${dir}: ${file} cannot be read`,
      `npm run cloud -- --dir ${dir} starts a local AWS in that folder`,
    );
  }
}
