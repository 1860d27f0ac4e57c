import assert from "node:assert/strict";
import { PresenceBook } from "../../../host-sim/cloud/presence/presence-book.js";
import { FakeRegistry } from "../support/fake-registry.js";
import { VirtualCloud } from "../support/virtual-cloud.js";

const EVENTS = "$aws/events/presence";

describe("presence", () => {
  let cloud: VirtualCloud;
  beforeEach(() => {
    cloud = new VirtualCloud();
  });
  afterEach(() => cloud.close());

  it("is told with what the two events of a connection have in common", () => {
    const watcher = cloud.device("valve");
    watcher.subscribe([`${EVENTS}/+/pump`]);
    const device = cloud.device();
    cloud.clock.advance(5000);
    device.send({ cmd: "disconnect" });
    const [connected, disconnected] = watcher.take();
    assert.equal(connected?.topic, `${EVENTS}/connected/pump`);
    assert.equal(disconnected?.topic, `${EVENTS}/disconnected/pump`);
    const { sessionIdentifier, ...begin } = { sessionIdentifier: "", ...connected?.json };
    assert.match(sessionIdentifier, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const common = { clientId: "pump", principalIdentifier: FakeRegistry.certificateId("pump"), versionNumber: 0 };
    const now = cloud.clock.now();
    assert.deepEqual(begin, { ...common, timestamp: now - 5000, eventType: "connected" });
    assert.deepEqual(disconnected?.json, {
      ...common,
      sessionIdentifier,
      timestamp: now,
      eventType: "disconnected",
      clientInitiatedDisconnect: true,
      disconnectReason: "CLIENT_INITIATED_DISCONNECT",
    });
  });

  it("counts the connections of a client, and forgets the count when it was away for an hour", () => {
    const watcher = cloud.device("valve");
    watcher.subscribe([`${EVENTS}/connected/+`]);
    const versions = () => watcher.take().map(({ json }) => json.versionNumber);
    for (const clientId of ["pump", "stranger"]) {
      cloud.device("pump", clientId).lose();
      cloud.device("pump", clientId).lose();
    }
    assert.deepEqual(versions(), [0, 1, 0, 1]);
    cloud.clock.advance(3_600_001);
    cloud.device("pump");
    assert.deepEqual(versions(), []);
  });

  it("of a client that is taken over is the later one's", () => {
    const watcher = cloud.device("valve");
    watcher.subscribe([`${EVENTS}/+/pump`]);
    cloud.device();
    cloud.device();
    assert.deepEqual(
      watcher.take().map(({ json }) => [json.eventType, json.versionNumber, json.disconnectReason]),
      [
        ["connected", 0, undefined],
        ["disconnected", 0, "DUPLICATE_CLIENTID"],
        ["connected", 1, undefined],
      ],
    );
    assert.equal(cloud.presence.of("pump")?.connected, true);
  });

  it("is not told of a client whose id would be a filter", () => {
    const watcher = cloud.device("valve");
    watcher.subscribe([`${EVENTS}/#`]);
    cloud.device("pump", "a+b");
    assert.deepEqual(watcher.take(), []);
  });

  it("outlives a restart for things: who was connected has lost its connection", () => {
    cloud.device();
    const { context, registry } = cloud;
    assert.equal(new PresenceBook(context, registry).of("pump")?.disconnectReason, "CONNECTION_LOST");
    assert.equal(cloud.presence.of("valve"), undefined);
  });
});
