import { S3Error } from "./errors.js";

const PREFIX = "after:";

/** Token of the page that begins behind `key`. */
export function pageToken(key: string): string {
  return Buffer.from(PREFIX + key).toString("base64");
}

/** The key in a token; undefined without one. @throws S3Error `InvalidArgument` for a token that is not ours */
export function keyOfToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const text = Buffer.from(token, "base64").toString("utf8");
  if (text.startsWith(PREFIX) && pageToken(text.slice(PREFIX.length)) === token) return text.slice(PREFIX.length);
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect", {
    ArgumentName: "continuation-token",
  });
}

/**
 * How many entries a page may have.
 *
 * @param most of AWS
 * @throws S3Error `InvalidArgument` for what is no whole number from `least`
 */
export function pageSize(text: string | undefined, name: string, most: number, least = 0): number {
  if (text === undefined || text === "") return most;
  if (!/^\d{1,10}$/.test(text) || Number(text) < least || Number(text) > 0x7fffffff) {
    throw new S3Error("InvalidArgument", `Provided ${name} not an integer or within integer range`, {
      ArgumentName: name,
      ArgumentValue: text.slice(0, 100),
    });
  }
  return Math.min(Number(text), most);
}
