import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { connectAsync } from "mqtt";
import { publishImage } from "../../host-sim/publish/index.js";
import { eventually, statusOf } from "../cloud/support/local-aws.js";
import { pattern } from "../cloud/support/memory-s3.js";
import { RawHttps } from "../cloud/support/raw-https.js";

describe("publishing an image", function () {
  this.timeout(60_000);
  let dir: string;
  let cloud: LocalAws;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-publish-"));
    cloud = await startLocalAws({ dir, switches: { jobs: { rolloutDelayMs: 0 } } });
  });
  after(async () => {
    await cloud.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it("brings an image to a device: notify-next over MQTT, a URL that works, SUCCEEDED", async () => {
    const files = await cloud.createDevice("board-1");
    const client = await connectAsync({
      protocol: "mqtts",
      host: cloud.mqtt.host,
      port: cloud.mqtt.port,
      clientId: "board-1",
      ca: readFileSync(cloud.ca),
      cert: readFileSync(files.certificatePem),
      key: readFileSync(files.privateKeyPem),
      reconnectPeriod: 0,
    });
    try {
      const messages: string[] = [];
      client.on("message", (topic, payload) => void messages.push(`${topic} ${payload.toString()}`));
      await client.subscribeAsync("$aws/things/board-1/jobs/notify-next", { qos: 1 });
      const image = pattern(50_000);
      const extra = { sha256: "0".repeat(64) };
      const { jobId } = await publishImage(cloud, {
        image,
        version: "1.0.2",
        thingNames: ["board-1"],
        documentExtra: extra,
      });
      const message = await eventually(() => messages.find((text) => text.includes("/notify-next ")));
      assert.match(message, /"fwversion":"1.0.2","size":50000/);
      assert.match(message, /"sha256":"0{64}"/);
      const url = /"url":"(https:[^"]+)"/.exec(message)?.[1] ?? "";
      assert.equal(new URL(url).host, `localhost:${cloud.https.port}`);
      const wire = await RawHttps.open(cloud.https.port, readFileSync(cloud.ca, "utf8"));
      assert.deepEqual((await wire.request(url)).body, Buffer.from(image));
      wire.close();
      assert.equal(cloud.counters.s3, 1);
      assert.equal(statusOf(cloud, "board-1", jobId), "QUEUED");
      const update = JSON.stringify({ status: "SUCCEEDED" });
      await client.publishAsync(`$aws/things/board-1/jobs/${jobId}/update`, update, { qos: 1 });
      await eventually(() => (statusOf(cloud, "board-1", jobId) === "SUCCEEDED" ? true : undefined));
    } finally {
      await client.endAsync(true);
    }
  });

  it("gives protocol, host and path with a query that works, on request", async () => {
    await cloud.createDevice("board-1");
    const wanted = {
      image: pattern(10),
      version: "2",
      thingNames: ["board-1"],
      jobId: "by-path",
      location: "path",
    } as const;
    const { document } = await publishImage(cloud, wanted);
    const { location } = document;
    assert(
      typeof location === "object" &&
        location !== null &&
        "protocol" in location &&
        "host" in location &&
        "path" in location,
    );
    const wire = await RawHttps.open(cloud.https.port, readFileSync(cloud.ca, "utf8"));
    const answer = await wire.request(`${location.protocol}//${location.host}/${location.path}`);
    assert.equal(answer.status, 200);
    wire.close();
  });
});
