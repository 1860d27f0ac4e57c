import { AwsError } from "../../context/context.js";
import { DEFAULT_PAGE, MAX_PAGE } from "../limits.js";
import type { ShadowService } from "../service.js";

/** [AWS IoT: ListNamedShadowsForThing] In the order of their names. @throws AwsError `InvalidRequest` */
export function listNamedShadowsForThing(
  service: ShadowService,
  thingName: string,
  page: { readonly pageSize: number | undefined; readonly nextToken: string | undefined },
) {
  const { pageSize = DEFAULT_PAGE, nextToken } = page;
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE) {
    throw new AwsError("InvalidRequest", `pageSize must be 1...${MAX_PAGE}`);
  }
  const after = nextToken === undefined ? "" : Buffer.from(nextToken, "base64url").toString("utf8");
  const names = [...service.store.shadowsOf(thingName)].flatMap(({ shadowName }) => shadowName ?? []);
  const left = names.filter((name) => name > after);
  const results = left.slice(0, pageSize);
  const last = results.at(-1);
  const more = last === undefined || left.length === results.length ? {} : { nextToken: encoded(last) };
  return { results, timestamp: service.timestamp, ...more };
}

function encoded(name: string): string {
  return Buffer.from(name, "utf8").toString("base64url");
}
