import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueAuthority, issueDevice, issueServer } from "local-aws-iot/pki";
import { mosquittoProgram, startMosquitto } from "../support/mosquitto.js";
import { serveRanges } from "../support/range-server.js";
import { CommandProcess, runCommand } from "../support/run-command.js";
import { ScriptedJobs } from "../support/scripted-jobs.js";

const THING = "board-7";
const missing = mosquittoProgram === undefined ? " (needs mosquitto)" : "";

describe(`a device on another broker and file server: Mosquitto and node:https${missing}`, () => {
  const undo: (() => unknown)[] = [];
  let dir = "";
  let device: string[] = [];
  let jobs: ScriptedJobs;
  const requests: (string | undefined)[] = [];

  before(async function () {
    if (missing !== "") return this.skip();
    dir = mkdtempSync(join(tmpdir(), "aws-fota-mosquitto-"));
    undo.push(() => rmSync(dir, { recursive: true, force: true }));
    const file = (name: string, text: string) => {
      writeFileSync(join(dir, name), text);
      return join(dir, name);
    };
    const authority = await issueAuthority("test authority");
    const ca = authority.certificatePem;
    const server = await issueServer(authority, { dns: ["localhost"], ip: ["127.0.0.1"] });
    const [board, operator] = [await issueDevice(authority), await issueDevice(authority)];
    // The device's TLS wants the issuer behind the leaf.
    const cert = `${server.certificatePem}\n${ca}`;
    const broker = await startMosquitto({ dir, ca, cert, key: server.privateKeyPem });
    undo.push(() => broker.stop());

    const made = await runCommand("keygen", "--out", join(dir, "keys"), "--id", "2026");
    assert.equal(made.code, 0, made.err);
    for (const [version, name] of [
      ["1.0.1", "old.bin"],
      ["1.0.2", "new.bin"],
    ] as const) {
      const { code, err } = await runCommand(
        "image",
        "--version",
        version,
        "--out",
        join(dir, name),
        "--size",
        "400000",
        "--trust",
        join(dir, "keys", "2026.der"),
      );
      assert.equal(code, 0, err);
    }
    const image = readFileSync(join(dir, "new.bin"));
    const signed = await runCommand("sign", "--key", join(dir, "keys", "2026.private.pem"), join(dir, "new.bin"));
    assert.equal(signed.code, 0, signed.err);
    const files = await serveRanges(cert, server.privateKeyPem, image, requests);
    undo.push(() => new Promise((resolve) => files.close(resolve)));

    jobs = await ScriptedJobs.start({
      url: `mqtts://localhost:${broker.port}`,
      tls: { ca, cert: operator.certificatePem, key: operator.privateKeyPem },
      thingName: THING,
      jobId: "job-1",
      document: {
        operation: "app_fw_update",
        fwversion: "v1.0.2",
        size: image.length,
        "sig-sha256-ecdsa": signed.out.trim(),
        "sig-key-id": "2026",
        location: { protocol: "https:", host: `localhost:${(files.address() as AddressInfo).port}`, path: "new.bin" },
      },
    });
    undo.push(() => jobs.stop());
    device = [
      ...["device", "--flash", join(dir, "board.flash"), "--image", join(dir, "old.bin"), "--thing", THING],
      ...["--endpoint", `localhost:${broker.port}`, "--ca", file("root.pem", ca)],
      ...["--cert", file("board.pem", board.certificatePem), "--key", file("board.key", board.privateKeyPem)],
    ];
  });

  after(async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  });

  it("takes the whole update and reports SUCCEEDED", async () => {
    const process = new CommandProcess(device);
    undo.push(() => process.end());
    await process.seen(/reporting -> idle/);
    process.signal("SIGINT");
    assert.equal(await process.exit, 130);
    assert.equal(jobs.status, "SUCCEEDED");
    assert.match(process.out, /boot 2 \(software\): ota_1 1\.0\.2/);
    assert.deepEqual(
      jobs.updates.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]),
      ["IN_PROGRESS", "SUCCEEDED"],
    );
    assert.deepEqual(requests, ["bytes=0-"]);
  });
});
