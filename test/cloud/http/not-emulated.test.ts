import assert from "node:assert/strict";
import * as iotClient from "@aws-sdk/client-iot";
import { NOT_EMULATED, refuseNotEmulated } from "../../../host-sim/cloud/http/not-emulated.js";

/** Members of the input of each operation, by method and path, as AWS's own client has them. */
function membersOfAws(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const schema of Object.values<unknown>({ ...iotClient })) {
    if (!Array.isArray(schema) || schema[0] !== 9) continue;
    const [, , , traits, input] = schema;
    const [method, path] = traits.http;
    const shape = typeof input === "function" ? input() : input;
    found.set(`${method} ${path.split("?")[0]}`, shape[4] ?? []);
  }
  return found;
}

const refused = (key: string, input: Readonly<Record<string, unknown>>) => {
  const [method = "", path = ""] = key.split(" ");
  return () => refuseNotEmulated({ service: "iot", method, path, run: () => ({}) }, input);
};

describe("what the local cloud does not emulate", () => {
  const aws = membersOfAws();
  for (const [key, members] of Object.entries(NOT_EMULATED))
    it(`${key}: ${members.join(", ")}`, () => {
      for (const member of members) {
        assert.ok(aws.get(key)?.includes(member), `AWS has no ${member}`);
        assert.throws(refused(key, { [member]: ["x"] }), {
          code: "InvalidRequest",
          message: new RegExp(`^${member} `),
        });
        for (const nothing of [undefined, null, false, "false", [], {}]) refused(key, { [member]: nothing })();
      }
    });

  it("does not touch the device's side, which AWS reads without looking at the rest", () => {
    const route = {
      service: "iot-jobs-data",
      method: "GET",
      path: "/things/{thingName}/jobs",
      run: () => ({}),
    } as const;
    assert.doesNotThrow(() => refuseNotEmulated(route, { namespaceId: "x" }));
  });
});
