import assert from "node:assert/strict";
import { chosenOf, layOver, readSdkconfig, sdkconfigText, unquoted } from "../../../tools/settings/sdkconfig-text.mjs";

const valuesIn = (text: string) =>
  readSdkconfig(text, "f").assignments.map(({ name, value, line }) => `${line} ${name}=${value}`);

describe("an sdkconfig file", () => {
  for (const [title, text, values] of [
    [
      "a switch, a number, a hexadecimal one and a text",
      'CONFIG_A=y\nCONFIG_B=-1\nCONFIG_C=0xF0\nCONFIG_D="d"\n',
      ["1 A=y", "2 B=-1", "3 C=0xF0", '4 D="d"'],
    ],
    ["a text with an equals sign, a quotation mark and a #", 'CONFIG_A="b=c \\"d\\" #e"\n', ['1 A="b=c \\"d\\" #e"']],
    ["off, in each of the three ways", "CONFIG_A=n\n# CONFIG_B is not set\nCONFIG_C=\n", ["1 A=n", "2 B=n", "3 C=n"]],
    ["comments and empty lines, which say nothing", "\n# a comment\n#CONFIG_A=y\n  # CONFIG_B=y\n", []],
    ["a setting written twice, both of them", "CONFIG_A=y\nCONFIG_A=n\n", ["1 A=y", "2 A=n"]],
    [
      "lines of Windows, a byte order mark, blanks around and no end",
      "\ufeffCONFIG_A=y\r\n  CONFIG_B=n ",
      ["1 A=y", "2 B=n"],
    ],
  ] as const) {
    it(`gives ${title}`, () => assert.deepEqual(valuesIn(text), values));
  }

  for (const line of [
    "CONFIG_A = y",
    "CONFIG_A: y",
    "config_a=y",
    "A=y",
    "CONFIG_A=yes",
    "CONFIG_A=y # why",
    'CONFIG_A="b',
  ]) {
    it(`has a line that ESP-IDF would pass over: ${line}`, () => {
      const { assignments, malformed } = readSdkconfig(`CONFIG_B=y\n${line}\n`, "f");
      assert.equal(assignments.length, 1);
      assert.deepEqual(malformed, [{ line: 2, text: line }]);
    });
  }
});

describe("sdkconfig files laid over each other", () => {
  const lay = (...texts: string[]) => layOver(texts.map((text, index) => readSdkconfig(text, `${index}`).assignments));

  it("differ only in what the upper one says", () => {
    const settings = lay("CONFIG_A=y\nCONFIG_B=1\n", "CONFIG_B=2\nCONFIG_C=y\n");
    assert.equal(sdkconfigText(settings, "h"), "# h\nCONFIG_A=y\nCONFIG_B=2\nCONFIG_C=y\n");
  });

  it("know where each value came from", () => {
    assert.deepEqual(lay("CONFIG_A=y\n", "\nCONFIG_A=n\n").get("A"), { name: "A", value: "n", file: "1", line: 2 });
  });

  it("give the last value of a file that has it twice", () => {
    assert.equal(lay("CONFIG_A=y\nCONFIG_A=n\n").get("A")?.value, "n");
  });

  it("stand in the order of the last assignment, which decides a choice", () => {
    const members = ["S_4MB", "S_8MB", "S_16MB"];
    const down = "CONFIG_S_4MB=n\nCONFIG_S_16MB=y\n";
    assert.equal(chosenOf(lay("CONFIG_S_4MB=y\n", down), members), "S_16MB");
    const settings = lay("CONFIG_S_4MB=y\n", down, "CONFIG_S_4MB=y\n");
    assert.equal(chosenOf(settings, members), "S_4MB");
    assert.match(sdkconfigText(settings, "h"), /S_16MB=y\nCONFIG_S_4MB=y\n$/);
    assert.equal(chosenOf(lay(""), members), undefined);
    assert.equal(chosenOf(lay("CONFIG_S_4MB=n\n"), members), undefined);
  });
});

describe("a text value", () => {
  it("loses its quotation marks and what escapes them", () => {
    assert.equal(unquoted('"a \\"b\\" \\\\"'), 'a "b" \\');
    assert.equal(unquoted("7"), "7");
  });
});
