import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileFirmware, imageOf } from "../../host-sim/image/index.js";
import { trustingSimulatedKey } from "../../host-sim/signing/index.js";
import { MQTT_HOST, S3_HOST } from "../../host-sim/world/virtual-cloud.js";
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
      // The example's library lies beside it; here it is two levels up. The identity is not looked at here, and the key
      // comes from the publisher. That it runs as it stands, test/moddable shows.
      manifest.include = manifest.include.map((path: string) => path.replace("./moddable-aws-fota/", "../../"));
      assert.deepEqual(manifest.data, { "*": ["./device-certificate", "./device-key", "./code-signing-key"] });
      manifest.data = { "*": ["./device-certificate", "./device-key"] };
      writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
      for (const name of ["device-certificate", "device-key"]) writeFileSync(join(folder, `${name}.der`), "not read");
      const hosts = code
        .replace(/host: "[^"]+"/, `host: "${MQTT_HOST}"`)
        .replace(/\["[^"]+s3[^"]+"\]/, `["${S3_HOST}"]`);
      assert.match(hosts, new RegExp(S3_HOST));
      writeFileSync(join(folder, "main.ts"), hosts);
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
