import assert from "node:assert/strict";
import { FaultPlan, type FaultRule } from "../../../host-sim/cloud/faults/fault-plan.js";
import { readMqttFault } from "../../../host-sim/cloud/faults/read-mqtt-fault.js";
import { VirtualCloud } from "../support/virtual-cloud.js";

const GET = "$aws/things/pump/jobs/get";
const ACCEPTED = `${GET}/accepted`;

describe("MQTT faults on order", () => {
  let cloud: VirtualCloud;

  beforeEach(() => {
    cloud = new VirtualCloud();
  });
  afterEach(() => cloud.close());

  const answers = (rule: FaultRule, requests = 2) => {
    const device = cloud.device();
    cloud.faults.add(rule);
    for (let index = 0; index < requests; index++) device.publish(GET, { clientToken: String(index) }, { qos: 0 });
    return { device, tokens: () => device.take().map(({ json }) => json.clientToken) };
  };

  it("drops the next message to the device, once", () => {
    const { tokens } = answers({ kind: "drop", direction: "out", packet: "publish" });
    assert.deepEqual(tokens(), ["1"]);
    assert.deepEqual(cloud.faults.list(), []);
  });

  it("drops a request on its way in", () => {
    const { tokens } = answers({ kind: "drop", direction: "in", packet: "publish", skip: 1, count: 3 });
    assert.deepEqual(tokens(), ["0"]);
    assert.equal(cloud.faults.list()[0]?.left, 2);
  });

  it("duplicates", () => {
    const { tokens } = answers({ kind: "duplicate", direction: "out", topic: "/get/accepted$" });
    assert.deepEqual(tokens(), ["0", "0", "1"]);
  });

  it("reorders", () => {
    const { tokens } = answers({ kind: "reorder", direction: "out", packet: "publish" });
    assert.deepEqual(tokens(), ["1", "0"]);
  });

  it("lets a held packet go after a second when nothing follows", () => {
    const { tokens } = answers({ kind: "reorder", direction: "out", packet: "publish" }, 1);
    assert.deepEqual(tokens(), []);
    cloud.settle(1000);
    assert.deepEqual(tokens(), ["0"]);
  });

  it("delays", () => {
    const { tokens } = answers({ kind: "delay", ms: 5000, direction: "out", packet: "publish" });
    assert.deepEqual(tokens(), ["1"]);
    cloud.settle(5000);
    assert.deepEqual(tokens(), ["0"]);
  });

  it("corrupts a byte", () => {
    const device = cloud.device();
    cloud.faults.add({ kind: "corrupt", direction: "in", packet: "publish" });
    device.publish(GET, "{}", { qos: 0 });
    assert.equal(device.take()[0]?.json.code, "InvalidJson");
  });

  it("closes instead of passing a packet", () => {
    const { device } = answers({ kind: "close", direction: "in", packet: "publish" });
    assert(device.isClosed);
    assert.deepEqual(device.take(), []);
  });

  it("closes after a number of bytes, in the middle of a packet", () => {
    const device = cloud.client("pump");
    let bytes = 0;
    const peer = cloud.server.accept(
      {
        write: (chunk) => {
          bytes += chunk.byteLength;
        },
        close: () => {},
      },
      { certificateId: cloud.registry.certificates.keys().next().value ?? "" },
    );
    device.lose();
    cloud.faults.add({ kind: "close-after-bytes", bytes: 20, direction: "out" });
    // CONNECT, then SUBSCRIBE, then a request whose answer is longer than what is left.
    peer?.onData(Buffer.from([0x10, 16, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 4, 112, 117, 109, 112]));
    assert.equal(bytes, 4);
    peer?.onData(Buffer.concat([Buffer.from([0x30, GET.length + 2, 0, GET.length]), Buffer.from(GET)]));
    assert.equal(bytes, 20);
    assert.equal(cloud.server.connectionCount, 0);
  });

  it("affects the named client and direction only", () => {
    const plan = new FaultPlan();
    const id = plan.add({ kind: "drop", clientId: "a", direction: "in", topic: "^x$", count: 9 });
    const seen = {
      direction: "in",
      clientId: "a",
      packet: "publish",
      topic: "x",
      byteLength: 1,
      bytesBefore: 0,
    } as const;
    assert.equal(plan.decide(seen).kind, "drop");
    for (const other of [{ clientId: "b" }, { direction: "out" as const }, { topic: "xy" }, { topic: undefined }]) {
      assert.equal(plan.decide({ ...seen, ...other }).kind, "pass");
    }
    plan.remove(id);
    assert.equal(plan.decide(seen).kind, "pass");
  });

  it("goes away and comes back", () => {
    const device = cloud.device();
    cloud.server.goAway();
    assert(device.isClosed);
    assert(cloud.client("pump").isClosed);
    cloud.server.comeBack();
    const again = cloud.device();
    assert.equal(again.request(GET).topic, ACCEPTED);
    cloud.server.kick("pump");
    assert(again.isClosed);
  });

  it("have a topic pattern that cannot stop the server", () => {
    for (const topic of ["(a+)+$", "(a|a)*b", "a?a?a?a", ".*.*.*", "a{9}{9}{9}", "x".repeat(257)]) {
      assert.throws(() => readMqttFault({ kind: "drop", topic }), /too involved/, topic);
    }
    for (const topic of ["^jobs/.*/update$", "(notify|notify-next)$", "[$]next", "jobs/fw-1/"]) {
      assert.equal(readMqttFault({ kind: "drop", topic }).topic, topic);
    }
  });
});
