import assert from "node:assert/strict";
import { posix } from "node:path";
import { filesBelow, readText } from "./source-tree.js";

type Exported = { readonly name: string; readonly file: string };

/** `export { a, type B, c as d } from "./file.js"`. */
const REEXPORT = /^export\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"(\.[^"]+)\.js"/gm;
const DECLARATION = /^export\s+(?:declare\s+|abstract\s+)*(?:class|const|enum|function|interface|type)\s+(\w+)/gm;

/** What a file exports, each name with the file that declares it. */
function exportsOf(file: string): Exported[] {
  const text = readText(file);
  assert.doesNotMatch(text, /^export\s+\*/m, `${file} exports everything of a file`);
  const passedOn = [...text.matchAll(REEXPORT)].flatMap(([, names = "", target = ""]) => {
    const origin = `${posix.join(posix.dirname(file), target)}.ts`;
    return names
      .split(",")
      .map((name) =>
        name
          .trim()
          .replace(/^type\s+/, "")
          .replace(/\s+as\s+.*$/, ""),
      )
      .filter((name) => name !== "")
      .map((name) => exportsOf(origin).find((found) => found.name === name) ?? { name, file: origin });
  });
  return [...passedOn, ...[...text.matchAll(DECLARATION)].map(([, name = ""]) => ({ name, file }))];
}

/** Whether a doc comment ends on the line before the declaration. */
function isDocumented({ name, file }: Exported): boolean {
  const lines = readText(file).split("\n");
  return lines.some((line, index) => {
    const declared = line.matchAll(DECLARATION).next().value?.[1];
    return declared === name && /^(\/\*\*.*| )\*\/$/.test(lines[index - 1] ?? "");
  });
}

describe("the public names of the library", () => {
  for (const file of filesBelow("modules", "index.ts"))
    it(`are documented: ${file}`, () => {
      const names = exportsOf(file);
      assert.ok(names.length > 0, "no export found");
      assert.deepEqual(
        names.filter((name) => !isDocumented(name)).map(({ name, file: origin }) => `${name} in ${origin}`),
        [],
      );
    });
});
