import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../support/run-command.js";

describe("commands with bad input", () => {
  let dir = "";
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-input-"));
    writeFileSync(join(dir, "no-flash"), "this is no flash image");
    writeFileSync(join(dir, "no-image"), "this is no image");
    writeFileSync(join(dir, "no.pem"), "this is no certificate");
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const endpoint = () => [
    "--endpoint",
    "localhost:1",
    "--ca",
    join(dir, "no.pem"),
    "--cert",
    join(dir, "no.pem"),
    "--key",
    join(dir, "no.pem"),
  ];

  const cases: [string, () => string[], RegExp][] = [
    ["an unknown command", () => ["bogus"], /unknown command "bogus"/],
    ["an image without version", () => ["image", "--out", join(dir, "x")], /--version is missing/],
    ["an image without file", () => ["image", "--version", "1"], /--out is missing/],
    ["a version that is too long", () => ["image", "--version", "1".repeat(32), "--out", join(dir, "x")], /--version/],
    [
      "an image size the program does not fit in",
      () => ["image", "--version", "1", "--out", join(dir, "x"), "--size", "1000"],
      /--size 1000/,
    ],
    [
      "an image that fits no slot",
      () => ["image", "--version", "1", "--out", join(dir, "x"), "--size", "3000000"],
      /--size 3000000/,
    ],
    [
      "an image in a folder that is not there",
      () => ["image", "--version", "1", "--out", join(dir, "a/b/x")],
      /--out .* cannot be written/,
    ],
    ["a device without flash", () => ["device", "--thing", "t", "--cloud", dir], /--flash is missing/],
    ["a device without thing", () => ["device", "--flash", join(dir, "f"), "--cloud", dir], /--thing is missing/],
    [
      "a device without cloud",
      () => ["device", "--flash", join(dir, "f"), "--thing", "t"],
      /--cloud DIR, or --endpoint/,
    ],
    [
      "a device with two clouds",
      () => ["device", "--flash", join(dir, "f"), "--thing", "t", "--cloud", dir, ...endpoint()],
      /--cloud DIR, or --endpoint/,
    ],
    [
      "a folder that is no cloud",
      () => ["device", "--flash", join(dir, "f"), "--thing", "t", "--cloud", dir],
      /cloud\.json/,
    ],
    [
      "an endpoint that is none",
      () => ["device", "--flash", join(dir, "f"), "--thing", "t", "--endpoint", "x:y:z"],
      /--endpoint x:y:z/,
    ],
    [
      "a certificate that is none",
      () => ["device", "--flash", join(dir, "no-flash"), "--thing", "t", ...endpoint()],
      /no\.pem/,
    ],
    ["a cloud on a port that is none", () => ["cloud", "--dir", join(dir, "c"), "--mqtt-port", "99999"], /mqtt-port/],
    ["a publication without image", () => ["publish", "--cloud", dir, "--version", "1"], /image/],
    [
      "a publication to a folder that is no cloud",
      () => ["publish", "--cloud", dir, "--version", "1", "--image", join(dir, "no-image")],
      /cloud/,
    ],
    ["a provisioning without thing", () => ["provision", "--out", join(dir, "p")], /thing/],
  ];
  for (const [what, args, message] of cases)
    it(`answer ${what} with one clear line and exit code 2, and touch nothing`, async () => {
      const { code, out, err } = await runCommand(...args());
      assert.match(err, message);
      assert.equal(err.trimEnd().split("\n").length, 1, err);
      assert.equal(code, 2);
      assert.equal(out, "");
      for (const name of ["x", "f", "c", "p"]) assert.equal(existsSync(join(dir, name)), false, name);
      assert.equal(readFileSync(join(dir, "no-flash"), "utf8"), "this is no flash image");
    });
});
