/** The application that README.md prints. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApplicationFiles, ROOT, signingKeyFile } from "./outside-application.js";

/** The two names that everybody puts their own into. */
const ENDPOINT = 'host: "abc123-ats.iot.eu-west-1.amazonaws.com"';
const IMAGES = '["my-firmware.s3.eu-west-1.amazonaws.com"]';

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(
    readFileSync(join(ROOT, "README.md"), "utf8"),
  );
  return found?.[1] ?? assert.fail(`the README has no ${language}`);
}

/** As printed, but for the names of the endpoint and of the images' server. */
export function readmeFiles({ host, port }: { readonly host: string; readonly port: number }): ApplicationFiles {
  const code = block("ts");
  for (const name of [ENDPOINT, IMAGES]) assert.equal(code.split(name).length, 2, `${name} stands there once`);
  return {
    "manifest.json": block("json"),
    "main.ts": code.replace(ENDPOINT, `host: "${host}", port: ${port}`).replace(IMAGES, `["${host}"]`),
    ...signingKeyFile("."),
  };
}
