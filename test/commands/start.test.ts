import assert from "node:assert/strict";
import { xsAvailable } from "../../host-sim/engines/index.js";
import { runCommand } from "../support/run-command.js";

const IMAGE_BYTES = 500_000;

describe("npm start", () => {
  const xs = xsAvailable();
  for (const engine of ["node", "xs"] as const) {
    const missing = engine === "xs" && !xs.available ? ` (needs XS: ${xs.reason})` : "";
    it(`updates 1.0.1 to 1.0.2 over real TLS, MQTT and HTTPS on engine ${engine}${missing}`, async function () {
      if (missing !== "" && process.env.CI !== "true") this.skip();
      const { code, out, err } = await runCommand("start", "--json", "--engine", engine, "--size", String(IMAGE_BYTES));
      assert.equal(code, 0, out + err);
      const lines = out.trimEnd().split("\n");
      const result = JSON.parse(lines.at(-1) ?? "");
      assert.deepEqual(
        {
          status: result.status,
          from: result.from,
          to: result.to,
          slot: result.slot,
          runs: result.runs,
          engine: result.engine,
        },
        { status: "SUCCEEDED", from: "1.0.1", to: "1.0.2", slot: "ota_1", runs: "1.0.2", engine },
      );
      assert.equal(result.imageBytes, IMAGE_BYTES);
      assert.equal(result.httpBodyBytes, IMAGE_BYTES, "every byte crosses the network once");
      assert.equal(result.httpRequests, 1, "one open range brings the whole image");
      assert.equal(result.tlsHandshakes, 3, "MQTT, HTTPS, and MQTT of the new image");
      assert.ok(result.mqttPublishes <= 6, `${result.mqttPublishes} messages for one job`);
      assert.equal(result.blocksErased, Math.ceil(IMAGE_BYTES / 65_536));
      assert.equal(result.boots, 2);
    });
  }

  it("shows plain lines in a pipe: both boots with slots and otadata, progress, the job's states and a summary", async () => {
    const { out } = await runCommand("start", "--engine", "node", "--size", String(IMAGE_BYTES));
    for (const pattern of [
      /board \| boot 1 \(power-on\): ota_0 1\.0\.1/,
      /board \| {3}0x020000 +1984 KiB +ota_0 +> moddable-aws-fota 1\.0\.1, 500000 bytes/,
      /board \| {3}otadata {3}entry 0: sequence 1 VALID {3}entry 1: blank/,
      /download 50% \d+ of 500000 bytes/,
      /operator \| both trust a signing key/,
      /board \| .*aws-fota: signing keys: code-signing-key/,
      /operator \| signed 1\.0\.2, put it into the bucket and created job/,
      /cloud \| job \S+: IN_PROGRESS/,
      /board \| boot 2 \(software\): ota_1 1\.0\.2/,
      /entry 1: sequence 2 PENDING_VERIFY/,
      /cloud \| job \S+: SUCCEEDED/,
      /entry 1: sequence 2 VALID/,
      /job \| SUCCEEDED: 1\.0\.1 -> 1\.0\.2 in ota_1/,
    ])
      assert.match(out, pattern);
    assert.doesNotMatch(out, /\r|X-Amz-Signature|PRIVATE KEY/);
  });

  for (const [args, message] of [
    [["--engine", "v8"], /--engine v8: there are node and xs/],
    [["--size", "12"], /--size 12: not a whole number from/],
    [["--size", "9000000"], /--size 9000000: not a whole number from/],
    [["--bogus"], /--bogus/],
    [["extra"], /extra/],
  ] as const)
    it(`refuses ${args.join(" ")} with one line and exit code 2`, async () => {
      const { code, out, err } = await runCommand("start", ...args);
      assert.equal(code, 2);
      assert.equal(out, "");
      assert.match(err, message);
      assert.equal(err.trimEnd().split("\n").length, 1, err);
    });
});
