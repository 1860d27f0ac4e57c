import assert from "node:assert/strict";
import { VirtualWorld } from "../../host-sim/world/virtual-world.js";
import { imageFor } from "./support/images.js";

describe("the sample application's configuration", () => {
  for (const [what, config, message] of [
    ["a thing name that AWS IoT does not take", { thingName: "my board" }, /config: "thingName" is not 1 to 128 /],
    ["no thing name", { thingName: "" }, /"thingName" is neither in the firmware nor in NVS/],
    ["a list of hosts with an entry that is none", { allowedHosts: "h.example *" }, /allowedHosts has an entry that /],
    ["a list of hosts that is no text", { allowedHosts: 5 }, /config: "allowedHosts" is not a text of host names/],
    ["a port that is no number", { port: "mqtt" }, /config: "port" is not a whole number/],
  ] as const) {
    it(`stops a start with ${what} and says what is wrong`, async () => {
      const image = await imageFor({ app: "sample", version: "1.0.1" });
      const world = await VirtualWorld.create({ image, config });
      world.board.powerOn();
      const reset = () => world.events.find((event) => event.type === "reset");
      world.runUntil(() => reset() !== undefined, 10_000);
      const event = reset();
      assert.ok(event?.type === "reset" && event.reason === "panic");
      assert.match(event.message ?? "", message);
      world.close();
    });
  }
});
