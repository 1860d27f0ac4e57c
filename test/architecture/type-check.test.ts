import assert from "node:assert/strict";
import { runPackage } from "./support/run-package.js";

describe("the sources as a whole", () => {
  it("type-check in both realms under one strict configuration", () => {
    const { status, text } = runPackage("typescript", "bin/tsc", "--build");
    assert.equal(status, 0, text);
  });

  it("are formatted and pass the linter", () => {
    const { status, text } = runPackage("@biomejs/biome", "bin/biome", "check", "--error-on-warnings", ".");
    assert.equal(status, 0, text);
  });
});
