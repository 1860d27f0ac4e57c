import assert from "node:assert/strict";
import { createBoard, KeyValueStore, VirtualClock } from "../../host-sim/board/index.js";
import { VirtualWorld } from "../../host-sim/world/virtual-world.js";
import { QuietNetwork } from "../support/program-board.js";
import { imageFor } from "./support/images.js";
import { scenario } from "./support/scenario.js";

describe("the sample application's configuration", () => {
  for (const [endpoint, text] of [
    ["abc.iot.us-east-1.amazonaws.com", "is no ATS endpoint"],
    ["abc.jobs.iot.cn-north-1.amazonaws.com.cn", "belongs to another service"],
  ] as const)
    it(`says at the start what is wrong with the endpoint ${endpoint}`, () =>
      scenario({ config: { endpoint } }, (run) => {
        run.pass(5_000);
        assert.equal(run.traced(`config: the endpoint ${endpoint} ${text}`).length, 1, run.told());
      }));

  it("says nothing of the endpoint that a device wants", () =>
    scenario({}, (run) => {
      run.pass(5_000);
      assert.deepEqual(run.traced("config: the endpoint"), []);
    }));

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
