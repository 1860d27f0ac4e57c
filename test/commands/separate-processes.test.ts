import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandProcess, runCommand } from "../support/run-command.js";

const IMAGE_BYTES = 1_900_000;
const STALL_BYTES = 700_000;

describe("cloud, publisher and device as processes of their own", () => {
  let dir = "";
  let cloud: CommandProcess;
  const running: CommandProcess[] = [];
  const start = (...args: string[]) => {
    const process = new CommandProcess(args);
    running.push(process);
    return process;
  };

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-processes-"));
    cloud = start("cloud", "--dir", join(dir, "cloud"), "--thing", "board-1");
    await cloud.seen(/\n/);
    const made = await runCommand("keygen", "--out", join(dir, "keys"));
    assert.equal(made.code, 0, made.err);
    for (const [version, size] of [["1.0.1"], ["1.0.2", String(IMAGE_BYTES)]] as const) {
      const file = join(dir, `${version}.bin`);
      const sized = size === undefined ? [] : ["--size", size];
      const { code, err } = await runCommand(
        ...["image", "--version", version, "--out", file, "--trust", join(dir, "keys", "code-signing-key.der")],
        ...sized,
      );
      assert.equal(code, 0, err);
    }
  });

  after(async () => {
    for (const process of running) await process.end();
    rmSync(dir, { recursive: true, force: true });
  });

  /** The cloud's own API for faults on order; see docs/local-aws.md. */
  const orderFault = (fault: object) => {
    const { ca, endpoints } = JSON.parse(cloud.lines[0] ?? "");
    return new Promise<void>((resolve, reject) => {
      const headers = { "content-type": "application/json" };
      const options = { method: "POST", headers, ca: readFileSync(ca), agent: false as const };
      const sent = request(`${endpoints.https.url}/_local/faults`, options, (response) => {
        response.resume();
        response.on("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)),
        );
      });
      sent.on("error", reject);
      sent.end(JSON.stringify({ http: fault }));
    });
  };

  const device = () =>
    start(
      ...["device", "--flash", join(dir, "board.flash"), "--thing", "board-1", "--cloud", join(dir, "cloud")],
      ...["--image", join(dir, "1.0.1.bin"), "--engine", "node"],
    );

  it("says where it listens and what belongs to the thing in one line of JSON", () => {
    const { endpoints, things } = JSON.parse(cloud.lines[0] ?? "");
    assert.ok(endpoints.mqtt.port > 0 && endpoints.https.port > 0);
    assert.match(things["board-1"].certificatePem, /certificate\.pem$/);
  });

  it("resumes the download after Ctrl-C in its middle and brings the update to its end", async () => {
    // The first download stands still after 700 000 bytes, so that Ctrl-C comes in its middle on any machine.
    await orderFault({ service: "s3", method: "GET", stallAfterBytes: STALL_BYTES });
    const first = device();
    await first.seen(/mqtt: connected/);
    const image = join(dir, "1.0.2.bin");
    const cloudDir = join(dir, "cloud");
    const { code, out, err } = await runCommand(
      ...["publish", "--cloud", cloudDir, "--image", image, "--version", "1.0.2", "--thing", "board-1"],
      ...["--key", join(dir, "keys", "code-signing-key.private.pem")],
    );
    assert.equal(code, 0, err);
    const { jobId } = JSON.parse(out);

    await first.seen(/download 30%/);
    first.signal("SIGINT");
    assert.equal(await first.exit, 130);
    assert.match(first.out, /power cut\n$/);

    const second = device();
    await second.seen(/reporting -> idle/);
    second.signal("SIGINT");
    await second.exit;
    assert.match(second.out, /boot 1 \(power-on\): ota_0 1\.0\.1/);
    assert.match(second.out, /boot 2 \(software\): ota_1 1\.0\.2/);
    const firstShown = /download \d+% (\d+) of/.exec(second.out)?.[1];
    // Everything below the last complete 64 KiB block before the cut is in flash already.
    assert.ok(Number(firstShown) > STALL_BYTES - 2 * 65_536, `began again at ${firstShown}`);
    assert.ok(out.includes(jobId));
  });

  it("boots the confirmed image from the same flash file at the next start", async () => {
    const third = device();
    await third.seen(/mqtt: connected/);
    assert.match(third.out, /boot 1 \(power-on\): ota_1 1\.0\.2/);
    assert.match(third.out, /entry 1: sequence 2 VALID/);
    assert.match(
      third.err,
      /^--image .*1\.0\.1\.bin is not used: .*board\.flash is there already, and what it holds runs$/m,
    );
    third.signal("SIGINT");
    await third.exit;
  });
});
