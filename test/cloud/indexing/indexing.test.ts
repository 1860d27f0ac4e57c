import assert from "node:assert/strict";
import {
  AddThingToThingGroupCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  DeleteThingCommand,
  DescribeIndexCommand,
  GetBucketsAggregationCommand,
  GetCardinalityCommand,
  GetIndexingConfigurationCommand,
  GetStatisticsCommand,
  GetThingConnectivityDataCommand,
  IndexNotReadyException,
  InvalidAggregationException,
  InvalidQueryException,
  InvalidRequestException,
  ListIndicesCommand,
  ResourceNotFoundException,
  SearchIndexCommand,
  type ThingIndexingConfiguration,
  UpdateIndexingConfigurationCommand,
  UpdateThingCommand,
} from "@aws-sdk/client-iot";
import { UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { memoryContents } from "../../../host-sim/cloud/s3/contents.js";
import { createCloudServices } from "../../../host-sim/cloud/services/cloud-services.js";
import { type HttpsCloud, startHttpsCloud } from "../support/https-cloud.js";

const VERSION = "shadow.name.$package.reported.fw.version";
const ALL: ThingIndexingConfiguration = {
  thingIndexingMode: "REGISTRY_AND_SHADOW",
  thingConnectivityIndexingMode: "STATUS",
  namedShadowIndexingMode: "ON",
  filter: { namedShadowNames: ["$package", "fota"] },
  customFields: [
    { name: VERSION, type: "String" },
    { name: "attributes.floor", type: "Number" },
    { name: "shadow.reported.ok", type: "Boolean" },
  ],
};

describe("fleet indexing for the unmodified client", function () {
  this.timeout(30_000);
  let cloud: HttpsCloud;
  beforeEach(async () => {
    cloud = await startHttpsCloud();
  });
  afterEach(() => cloud.close());

  const configure = (thingIndexingConfiguration: ThingIndexingConfiguration) =>
    cloud.iot.send(new UpdateIndexingConfigurationCommand({ thingIndexingConfiguration }));
  async function turnOn(configuration = ALL) {
    await configure(configuration);
    cloud.skipTime(1000);
  }
  const make = (thingName: string, attributes: Record<string, string> = {}) =>
    cloud.iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes } }));
  const report = (thingName: string, reported: object, shadowName?: string) =>
    cloud.data.send(
      new UpdateThingShadowCommand({
        thingName,
        shadowName,
        payload: Buffer.from(JSON.stringify({ state: { reported } })),
      }),
    );
  async function found(queryString: string): Promise<readonly (string | undefined)[]> {
    const { things } = await cloud.iot.send(new SearchIndexCommand({ queryString }));
    return things?.map(({ thingName }) => thingName) ?? [];
  }

  it("is off at first, then being built, then there, and off again", async () => {
    const { iot } = cloud;
    const search = new SearchIndexCommand({ queryString: "*" });
    const describe = new DescribeIndexCommand({ indexName: "AWS_Things" });
    const off = await iot.send(new GetIndexingConfigurationCommand({}));
    assert.equal(off.thingIndexingConfiguration?.thingIndexingMode, "OFF");
    assert.equal(off.thingGroupIndexingConfiguration?.thingGroupIndexingMode, "OFF");
    await assert.rejects(iot.send(search), (error: Error) => {
      assert(error instanceof ResourceNotFoundException);
      assert.match(error.message, /^Index AWS_Things does not exist. Please enable index/);
      return true;
    });
    await assert.rejects(iot.send(describe), ResourceNotFoundException);
    assert.deepEqual((await iot.send(new ListIndicesCommand({}))).indexNames, []);

    await configure(ALL);
    assert.equal((await iot.send(describe)).indexStatus, "BUILDING");
    await assert.rejects(iot.send(search), IndexNotReadyException);
    cloud.skipTime(1000);
    const { indexStatus, schema } = await iot.send(describe);
    assert.deepEqual([indexStatus, schema], ["ACTIVE", "MULTI_INDEXING_MODE"]);
    assert.deepEqual((await iot.send(search)).things, []);
    assert.deepEqual((await iot.send(new ListIndicesCommand({}))).indexNames, ["AWS_Things"]);
    const on = (await iot.send(new GetIndexingConfigurationCommand({}))).thingIndexingConfiguration;
    assert.deepEqual(
      [on?.filter, on?.customFields, on?.thingConnectivityIndexingMode],
      [ALL.filter, ALL.customFields, "STATUS"],
    );
    assert(on?.managedFields?.some(({ name }) => name === "connectivity.connected"));

    await configure({ thingIndexingMode: "OFF" });
    await assert.rejects(iot.send(search), ResourceNotFoundException);
  });

  it("finds things by what was written last: attributes, groups, shadows", async () => {
    const { iot } = cloud;
    await make("pump-1", { place: "hall" });
    await turnOn();
    assert.deepEqual(await found("attributes.place:hall"), ["pump-1"]);
    await make("pump-2", { place: "yard" });
    await make("valve");
    await report("pump-1", { fw: { version: "1.0.2" } }, "$package");
    await report("pump-2", { fw: { version: "1.0.1" } }, "$package");
    assert.deepEqual(await found("thingName:pump*"), ["pump-1", "pump-2"]);
    assert.deepEqual(await found(`${VERSION}:1.0.2`), ["pump-1"]);
    assert.deepEqual(await found(`thingName:* AND NOT ${VERSION}:*`), ["valve"]);
    await report("pump-2", { fw: { version: "1.0.2" } }, "$package");
    assert.deepEqual(await found(`${VERSION}:1.0.2`), ["pump-1", "pump-2"]);
    await report("valve", { heap: 4096 });
    assert.deepEqual(await found("shadow.reported.heap>4000"), ["valve"]);

    await iot.send(new CreateThingGroupCommand({ thingGroupName: "canary" }));
    assert.deepEqual(await found("thingGroupNames:canary"), []);
    await iot.send(new AddThingToThingGroupCommand({ thingGroupName: "canary", thingName: "valve" }));
    assert.deepEqual(await found("thingGroupNames:canary"), ["valve"]);
    const attributePayload = { attributes: { place: "roof" } };
    await iot.send(new UpdateThingCommand({ thingName: "valve", attributePayload }));
    assert.deepEqual(await found("roof"), ["valve"]);
    await iot.send(new DeleteThingCommand({ thingName: "valve" }));
    assert.deepEqual(await found("*"), ["pump-1", "pump-2"]);
  });

  it("shows a thing with its groups, attributes, shadows and connectivity", async () => {
    const { iot } = cloud;
    await make("pump", { place: "hall" });
    await report("pump", { on: true });
    await report("pump", { state: "idle" }, "fota");
    await report("pump", { secret: 1 }, "other");
    await turnOn();
    const { things } = await iot.send(new SearchIndexCommand({ queryString: "thingName:pump" }));
    const [thing] = things ?? [];
    assert.deepEqual([thing?.attributes, thing?.connectivity], [{ place: "hall" }, { connected: false }]);
    const shadow = JSON.parse(thing?.shadow ?? "");
    assert.deepEqual(shadow.reported, { on: true });
    assert.deepEqual([shadow.hasDelta, shadow.version], [false, 1]);
    assert.deepEqual(Object.keys(shadow.name), ["fota"]);
    assert.deepEqual(shadow.name.fota.reported, { state: "idle" });

    const { presence } = cloud.services;
    const version = presence.connected("pump", "127.0.0.1");
    assert.deepEqual(await found("connectivity.connected:true"), ["pump"]);
    presence.disconnected("pump", version, "MQTT_KEEP_ALIVE_TIMEOUT");
    assert.deepEqual(await found("connectivity.disconnectReason:MQTT_KEEP_ALIVE_TIMEOUT"), ["pump"]);
    assert.deepEqual(await found(`connectivity.timestamp > ${Date.now() - 60_000}`), ["pump"]);
    const data = await iot.send(new GetThingConnectivityDataCommand({ thingName: "pump" }));
    assert.deepEqual([data.connected, data.disconnectReason], [false, "MQTT_KEEP_ALIVE_TIMEOUT"]);
    assert(Math.abs((data.timestamp?.getTime() ?? 0) - Date.now()) < 60_000);
    await assert.rejects(
      iot.send(new GetThingConnectivityDataCommand({ thingName: "nobody" })),
      ResourceNotFoundException,
    );
  });

  it("is on again after a restart, and forgets what a transaction undid", async () => {
    const { context, registry } = cloud.services;
    await make("pump", { place: "hall" });
    await turnOn();
    assert.deepEqual(await found("attributes.place:*"), ["pump"]);
    assert.throws(() =>
      context.store.transaction(() => {
        registry.remove("things", "pump");
        registry.putThing({ thingName: "ghost", thingId: "g", attributes: { place: "hall" }, version: 1 });
        throw new Error("undone");
      }),
    );
    assert.deepEqual(await found("attributes.place:*"), ["pump"]);
    const again = createCloudServices({ context, contents: memoryContents(), presignOrigin: () => undefined });
    assert.deepEqual(again.indexing.configuration, cloud.services.indexing.configuration);
    const things = Array.from(
      again.indexing.search("AWS_Things", "attributes.place:hall"),
      ({ thingName }) => thingName,
    );
    assert.deepEqual(things, ["pump"]);
    again.close();
  });

  it("gives what it finds page by page", async () => {
    for (let number = 10; number < 35; number += 1) await make(`t${number}`);
    await turnOn();
    const names: string[] = [];
    const sizes: number[] = [];
    let token: string | undefined;
    do {
      const search = { queryString: "thingName:t*", maxResults: 10, nextToken: token };
      const { things = [], nextToken } = await cloud.iot.send(new SearchIndexCommand(search));
      names.push(...things.flatMap(({ thingName }) => thingName ?? []));
      sizes.push(things.length);
      token = nextToken;
    } while (token !== undefined);
    assert.deepEqual(sizes, [10, 10, 5]);
    assert.deepEqual(
      names,
      Array.from({ length: 25 }, (_, index) => `t${index + 10}`),
    );
    await assert.rejects(
      cloud.iot.send(new SearchIndexCommand({ queryString: "*", maxResults: 101 })),
      InvalidRequestException,
    );
  });

  it("counts, sums and sorts into buckets over managed and custom fields", async () => {
    const { iot } = cloud;
    for (const [name, floor, version] of [
      ["a", "1", "1.0.1"],
      ["b", "2", "1.0.2"],
      ["c", "3", "1.0.2"],
      ["d", "none", undefined],
    ] as const) {
      await make(name, { floor });
      if (version !== undefined) await report(name, { fw: { version } }, "$package");
      await report(name, { ok: name !== "a" });
    }
    await turnOn();
    const count = await iot.send(new GetStatisticsCommand({ queryString: "thingName:*" }));
    assert.equal(count.statistics?.count, 4);
    const floors = await iot.send(new GetStatisticsCommand({ queryString: "*", aggregationField: "attributes.floor" }));
    assert.deepEqual(floors.statistics, {
      ...{ count: 3, average: 2, sum: 6, minimum: 1, maximum: 3, sumOfSquares: 14 },
      ...{ variance: 14 / 3 - 4, stdDeviation: Math.sqrt(14 / 3 - 4) },
    });
    const buckets = async (aggregationField: string, maxBuckets?: number) => {
      const bucketsAggregationType = { termsAggregation: { maxBuckets } };
      const input = { queryString: "*", aggregationField, bucketsAggregationType };
      const { totalCount, buckets } = await iot.send(new GetBucketsAggregationCommand(input));
      return [totalCount, ...(buckets ?? []).map(({ keyValue, count }) => `${keyValue}: ${count}`)];
    };
    assert.deepEqual(await buckets(VERSION), [4, "1.0.2: 2", "1.0.1: 1"]);
    assert.deepEqual(await buckets(VERSION, 1), [4, "1.0.2: 2"]);
    assert.deepEqual(await buckets("shadow.reported.ok"), [4, "true: 3", "false: 1"]);
    assert.deepEqual(await buckets("connectivity.connected"), [4, "false: 4"]);
    const kinds = await iot.send(new GetCardinalityCommand({ queryString: "*", aggregationField: VERSION }));
    assert.equal(kinds.cardinality, 2);
    await assert.rejects(buckets("attributes.other"), InvalidAggregationException);
  });

  it("refuses queries that it cannot answer", async () => {
    await turnOn({ thingIndexingMode: "REGISTRY" });
    for (const query of [
      "jobs.status:FAILED",
      "shadow.reported.a:1",
      "shadow.name.fota.reported.a:1",
      "connectivity.connected:true",
      "deviceDefender.violationCount:1",
      "attributes:x",
      "thingName:(",
      "thingName:a~",
    ])
      await assert.rejects(found(query), InvalidQueryException, query);
    await assert.rejects(
      cloud.iot.send(new SearchIndexCommand({ queryString: "*", queryVersion: "2020-01-01" })),
      InvalidRequestException,
    );
    const indexName = "AWS_ThingGroups";
    await assert.rejects(
      cloud.iot.send(new SearchIndexCommand({ indexName, queryString: "*" })),
      ResourceNotFoundException,
    );
    await assert.rejects(
      cloud.iot.send(new GetThingConnectivityDataCommand({ thingName: "pump" })),
      IndexNotReadyException,
    );
  });

  it("refuses configurations that contradict themselves or ask for what is not there", async () => {
    const names = Array.from({ length: 11 }, (_, index) => `s${index}`);
    const field = { name: "attributes.a", type: "String" } as const;
    for (const wrong of [
      { thingIndexingMode: "OFF", thingConnectivityIndexingMode: "STATUS" },
      { thingIndexingMode: "REGISTRY", namedShadowIndexingMode: "ON" },
      { thingIndexingMode: "REGISTRY", deviceDefenderIndexingMode: "VIOLATIONS" },
      { thingIndexingMode: "REGISTRY", namedShadowIndexingMode: "ON", filter: { namedShadowNames: names } },
      { thingIndexingMode: "REGISTRY", filter: { geoLocations: [{ name: "shadow.reported.place" }] } },
      { thingIndexingMode: "REGISTRY", customFields: [{ name: "thingName", type: "String" }] },
      { thingIndexingMode: "REGISTRY", customFields: Array.from({ length: 6 }, () => field) },
    ] as const satisfies ThingIndexingConfiguration[])
      await assert.rejects(configure({ ...wrong }), InvalidRequestException, JSON.stringify(wrong));
    const thingGroupIndexingConfiguration = { thingGroupIndexingMode: "ON" } as const;
    await assert.rejects(
      cloud.iot.send(new UpdateIndexingConfigurationCommand({ thingGroupIndexingConfiguration })),
      /not emulated/,
    );
  });
});
