import { AwsError } from "../context/context.js";
import { THING_NAME } from "../context/thing-name.js";
import type { RestInput, RestOutput, RestRoute } from "../message/rest-route.js";
import { SHADOW_NAME } from "./limits.js";
import { deleteThingShadow } from "./operations/delete-thing-shadow.js";
import { getThingShadow } from "./operations/get-thing-shadow.js";
import { listNamedShadowsForThing } from "./operations/list-named-shadows-for-thing.js";
import { updateThingShadow } from "./operations/update-thing-shadow.js";
import type { ShadowId } from "./record.js";
import { readBody } from "./request.js";
import type { ShadowService } from "./service.js";

/** Shadows over HTTPS: service `iot-data`, whose name in signatures is `iotdata`. [AWS IoT data plane API] */
export function shadowRoutes(shadows: ShadowService): RestRoute[] {
  const path = "/things/{thingName}/shadow";
  return [
    route("GET", path, (input) => getThingShadow(shadows, admitted(shadows, input))),
    route("POST", path, (input) => updateThingShadow(shadows, admitted(shadows, input), bodyIn(input, false))),
    route("DELETE", path, (input) => deleteThingShadow(shadows, admitted(shadows, input), bodyIn(input, true))),
    route("GET", "/api/things/shadow/ListNamedShadowsForThing/{thingName}", (input) => {
      const { thingName } = admitted(shadows, input);
      const size = textIn(input, "pageSize");
      const pageSize = size === undefined ? undefined : Number(size);
      return listNamedShadowsForThing(shadows, thingName, { pageSize, nextToken: textIn(input, "nextToken") });
    }),
  ];
}

function route(method: string, path: string, run: (input: RestInput) => RestOutput): RestRoute {
  return { service: "iotdata", method, path, run, payload: true };
}

function admitted(shadows: ShadowService, input: RestInput): ShadowId {
  const thingName = textIn(input, "thingName") ?? "";
  const shadowName = textIn(input, "name");
  if (!THING_NAME.test(thingName)) throw new AwsError("InvalidRequest", "Invalid thing name");
  if (shadowName !== undefined && !SHADOW_NAME.test(shadowName)) {
    throw new AwsError("InvalidRequest", "Invalid shadow name");
  }
  const id = { thingName, shadowName };
  shadows.admit(id);
  return id;
}

function bodyIn({ payload }: RestInput, mayBeEmpty: boolean) {
  return readBody(payload instanceof Uint8Array ? payload : new Uint8Array(0), mayBeEmpty);
}

function textIn(input: RestInput, name: string): string | undefined {
  const value = Object.hasOwn(input, name) ? input[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
