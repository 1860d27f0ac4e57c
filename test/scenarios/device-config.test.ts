import assert from "node:assert/strict";
import { createBoard, KeyValueStore, VirtualClock } from "../../host-sim/board/index.js";
import { VirtualWorld } from "../../host-sim/world/virtual-world.js";
import { QuietNetwork } from "../support/program-board.js";
import { imageFor } from "./support/images.js";

describe("the sample application's configuration", () => {
  for (const [what, config, message] of [
    ["a thing name that AWS IoT does not take", { thingName: "my board" }, /config: "thingName" is not 1 to 128 /],
    ["no thing name", { thingName: "" }, /"thingName" is neither in the firmware nor in NVS/],
    ["a signing key that is not there", { signingKeys: "2026,2027" }, /"signingKeys" names 2026, .* no 2026\.der/],
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

  it("keeps a certificate of 4500 bytes in NVS, where an image without one finds it", async () => {
    const certificate = Uint8Array.from({ length: 4500 }, (_, index) => index & 0xff);
    const image = await imageFor({ app: "sample", version: "1.0.1" });
    const store = new KeyValueStore();
    const first = await VirtualWorld.create({
      image,
      resources: { "device-certificate.der": certificate },
      board: { store },
    });
    first.board.powerOn();
    first.runUntil(() => first.trace.some((line) => /aws-fota: 1\.0\.1 runs/.test(line)), 10_000);
    first.close();
    assert.equal(store.get("device", "certificate"), "parts:a:3:4500");

    const clock = new VirtualClock();
    const lines: string[] = [];
    const board = await createBoard({
      image,
      store,
      clock,
      network: new QuietNetwork(),
      config: { ssid: "virtual" },
      onEvent: (event) => {
        if (event.type === "trace") lines.push(event.text);
        if (event.type === "reset") lines.push(`reset: ${event.reason} ${event.message}`);
      },
    });
    board.powerOn();
    clock.runUntil(() => lines.some((line) => /runs in ota_0|reset/.test(line)), 10_000);
    board.powerCut();
    assert.match(lines.join("\n"), /1\.0\.1 runs in ota_0/);
    assert.doesNotMatch(lines.join("\n"), /neither in the firmware nor in NVS/);
  });
});
