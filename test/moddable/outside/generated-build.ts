/** What mcconfig makes of an application before anything is compiled: a matter of seconds. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { ModdableSdk } from "../sdk.js";
import { ROOT } from "./outside-application.js";

/** What every application includes. */
export const LIBRARY: readonly string[] = ["aws-fota", "device-ports"].map((name) =>
  join(ROOT, "modules", name, "manifest.json"),
);

/** Sections of its manifest. */
export type GeneratedApplication = {
  readonly include: readonly string[];
  readonly creation?: object;
  readonly platforms?: object;
  readonly typescript?: object;
  readonly modules?: object;
};

export type GenerateOptions = {
  readonly sdk: ModdableSdk;
  /** Where a folder for it is made. */
  readonly folder: string;
  /** Default `lin`. */
  readonly platform?: string;
  /** Default false: a debug build. */
  readonly release?: boolean;
};

/** @returns the path of a generated file by its name */
export function generate(
  application: GeneratedApplication,
  { sdk, folder, platform = "lin", release = false }: GenerateOptions,
): (name: string) => string {
  const out = mkdtempSync(join(folder, "out-"));
  const app = join(out, "app");
  mkdirSync(app);
  writeFileSync(join(app, "main.js"), "");
  writeFileSync(
    join(app, "manifest.json"),
    JSON.stringify({ ...application, modules: { main: "./main", ...application.modules } }),
  );
  const args = [...(release ? [] : ["-d"]), "-p", platform, "-o", out, "./manifest.json"];
  const { status, stdout, stderr } = spawnSync("mcconfig", args, {
    cwd: app,
    env: sdk.environment,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout + stderr);
  const files = readdirSync(out, { recursive: true, encoding: "utf8" });
  return (name) => join(out, files.find((path) => basename(path) === name) ?? assert.fail(`mcconfig made no ${name}`));
}
