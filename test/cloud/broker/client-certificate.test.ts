import assert from "node:assert/strict";
import { nextEvent, TlsCloud } from "./tls-cloud.js";

const DAY_MS = 86_400_000;

describe("the dates of a client certificate", () => {
  let cloud: TlsCloud;
  afterEach(() => cloud.close());

  it("let it connect while it is valid", async () => {
    cloud = await TlsCloud.start({ clockOffset: 3000 * DAY_MS });
    await nextEvent(cloud.client({ clientId: "pump" }), "connect");
  });

  for (const [name, days] of [
    ["has expired", 3651],
    ["is not yet valid", -2],
  ] as const) {
    it(`end the connection before CONNECT when it ${name}`, async () => {
      cloud = await TlsCloud.start({ clockOffset: days * DAY_MS });
      const client = cloud.client({ clientId: "pump" });
      await nextEvent(client, "close");
      assert.equal(client.connected, false);
      assert.equal(cloud.broker.connectionCount, 0);
    });
  }
});
