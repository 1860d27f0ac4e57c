import assert from "node:assert/strict";
import { CreateThingCommand } from "@aws-sdk/client-iot";
import {
  ConflictException,
  DeleteThingShadowCommand,
  GetThingShadowCommand,
  InvalidRequestException,
  ListNamedShadowsForThingCommand,
  RequestEntityTooLargeException,
  ResourceNotFoundException,
  ThrottlingException,
  UnsupportedDocumentEncodingException,
  UpdateThingShadowCommand,
} from "@aws-sdk/client-iot-data-plane";
import { type HttpsCloud, startHttpsCloud } from "../support/https-cloud.js";

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const json = (payload: Uint8Array | undefined): Record<string, unknown> => {
  const value: unknown = JSON.parse(Buffer.from(payload ?? []).toString("utf8"));
  assert(typeof value === "object" && value !== null);
  return { ...value };
};

describe("shadows for the unmodified client of iot-data", function () {
  this.timeout(30_000);
  let cloud: HttpsCloud;
  beforeEach(async () => {
    cloud = await startHttpsCloud();
    await cloud.iot.send(new CreateThingCommand({ thingName: "pump" }));
  });
  afterEach(() => cloud.close());

  const update = (payload: unknown, shadowName?: string) =>
    cloud.data.send(new UpdateThingShadowCommand({ thingName: "pump", shadowName, payload: bytes(payload) }));
  const get = (shadowName?: string) => cloud.data.send(new GetThingShadowCommand({ thingName: "pump", shadowName }));

  it("are made, read and deleted, and devices are told of it", async () => {
    const heard: string[] = [];
    cloud.services.shadows.attach((topic) => heard.push(topic));
    const made = json((await update({ state: { desired: { on: true } }, clientToken: "t" })).payload);
    assert.deepEqual([made.version, made.clientToken], [1, "t"]);
    const read = json((await get()).payload);
    assert.deepEqual(read.state, { desired: { on: true }, delta: { on: true } });
    const deleted = await cloud.data.send(new DeleteThingShadowCommand({ thingName: "pump" }));
    assert.equal(json(deleted.payload).version, 1);
    await assert.rejects(get(), ResourceNotFoundException);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(
      heard.map((topic) => topic.replace("$aws/things/pump/shadow/", "")),
      ["update/accepted", "update/delta", "update/documents", "delete/accepted"],
    );
  });

  it("are listed by name, page by page", async () => {
    for (const name of ["b", "$package", "c", "a"]) await update({ state: {} }, name);
    await update({ state: {} });
    const list = (nextToken?: string) =>
      cloud.data.send(new ListNamedShadowsForThingCommand({ thingName: "pump", pageSize: 3, nextToken }));
    const first = await list();
    assert.deepEqual(first.results, ["$package", "a", "b"]);
    assert(Math.abs((first.timestamp ?? 0) - Date.now() / 1000) < 60);
    const second = await list(first.nextToken);
    assert.deepEqual([second.results, second.nextToken], [["c"], undefined]);
  });

  it("are refused with the exceptions that the client knows", async () => {
    await update({ state: {} });
    await assert.rejects(update({ state: {}, version: 7 }), ConflictException);
    await assert.rejects(update({}), (error: Error) => {
      assert(error instanceof InvalidRequestException);
      assert.equal(error.message, "Missing required node: state");
      return true;
    });
    await assert.rejects(get("no such"), InvalidRequestException);
    await assert.rejects(get("other"), /No shadow exists with name: 'pump~other'/);
    await assert.rejects(update({ state: { reported: { a: "x".repeat(8192) } } }), RequestEntityTooLargeException);
    const payload = Uint8Array.of(0xff);
    await assert.rejects(
      cloud.data.send(new UpdateThingShadowCommand({ thingName: "pump", payload })),
      UnsupportedDocumentEncodingException,
    );
    await assert.rejects(
      cloud.data.send(new GetThingShadowCommand({ thingName: "nobody" })),
      ResourceNotFoundException,
    );
    await assert.rejects(
      Promise.all(Array.from({ length: 30 }, () => get())),
      (error) => error instanceof ThrottlingException && error.$metadata.httpStatusCode === 429,
    );
  });
});
