import assert from "node:assert/strict";
import { SOURCE_FOLDERS } from "./layers.js";
import { filesBelow, readText } from "./source-tree.js";

/** The formatter's width, which it cannot hold comments to. */
const WIDTH = 120;

describe("comments", () => {
  it("are no wider than the formatter lets code be", () => {
    const wide = SOURCE_FOLDERS.flatMap((folder) => filesBelow(folder, ".ts", ".tsx")).flatMap((path) =>
      readText(path)
        .split("\n")
        .flatMap((line, index) =>
          line.length > WIDTH && /^\s*(\/\/|\/?\*)/.test(line) ? [`${path}:${index + 1}`] : [],
        ),
    );
    assert.deepEqual(wide, []);
  });
});
