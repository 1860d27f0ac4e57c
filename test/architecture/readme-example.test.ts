import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileFirmware, imageOf } from "../../host-sim/image/index.js";
import { trustingSimulatedKey } from "../../host-sim/signing/index.js";
import { MQTT_HOST } from "../../host-sim/world/virtual-cloud.js";
import { VirtualWorld } from "../../host-sim/world/virtual-world.js";
import { ROOT, readText } from "./source-tree.js";

const MAX_STATEMENT_LINES = 20;

const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readText("README.md"))?.[1] ?? "";

describe("the README's example", () => {
  const folder = join(ROOT, "build", "readme-example");
  const code = block("ts");

  it("is about fifteen lines", () => {
    const lines = code.split("\n").filter((line) => line.trim() !== "");
    assert.ok(lines.length > 8 && lines.length <= MAX_STATEMENT_LINES, `${lines.length} lines`);
  });

  it("compiles from its manifest as it stands, and takes a whole update", async () => {
    mkdirSync(folder, { recursive: true });
    try {
      const manifest = JSON.parse(block("json"));
      // The example's folders lie beside it; here they are two levels up. The network link is the application's own
      // business.
      manifest.include = manifest.include.map((path: string) => path.replace(/^\.\//, "../../"));
      manifest.modules = { main: "./main" };
      writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
      writeFileSync(join(folder, "main.ts"), code.replace(/host: "[^"]+"/, `host: "${MQTT_HOST}"`));
      // The key is a resource that the application adds.
      const firmware = trustingSimulatedKey(await compileFirmware({ manifest: join(folder, "manifest.json") }));
      const image = imageOf(firmware, { version: "2.0.0" });
      const world = await VirtualWorld.create({
        image: imageOf(firmware, { version: "1.0.0" }),
        thingName: "my-board",
        board: { clockSet: true },
      });
      world.board.powerOn();
      world.cloud.publish({ image, version: "2.0.0", jobId: "job" });
      assert.equal(world.runToEnd("job", 600_000), "SUCCEEDED", world.trace.join("\n"));
      assert.equal(world.runningVersion, "2.0.0");
      world.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
