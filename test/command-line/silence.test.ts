import assert from "node:assert/strict";
import { Silence } from "../../host-sim/command-line/index.js";

describe("the silence of a command", () => {
  let now = 0;
  let lines: string[] = [];
  let silence: Silence;

  beforeEach(() => {
    now = 0;
    lines = [];
    // Its own line passes where the command's lines do.
    const say = (line: string): void => {
      lines.push(line);
      silence.heard();
    };
    silence = new Silence({ say, now: () => now });
  });

  function pass(milliseconds: number): void {
    for (const end = now + milliseconds; now < end; ) {
      now += 250;
      silence.look();
    }
  }

  it("is broken after two seconds by what is going on, and again after twice as long each time", () => {
    silence.doing("the board connects");
    pass(1750);
    assert.deepEqual(lines, []);
    pass(250);
    assert.deepEqual(lines, ["  the board connects ... 2 s"]);
    pass(3750);
    assert.equal(lines.length, 1);
    pass(250);
    assert.deepEqual(lines.slice(1), ["  the board connects ... 6 s"]);
    pass(8000);
    assert.deepEqual(lines.slice(2), ["  the board connects ... 14 s"]);
  });

  it("begins anew with every line that is written", () => {
    silence.doing("the board connects");
    pass(1500);
    silence.heard();
    pass(1750);
    assert.deepEqual(lines, []);
    pass(250);
    assert.equal(lines.length, 1);
  });

  it("begins anew with what is done next, and names that", () => {
    silence.doing("one thing");
    pass(1500);
    silence.doing("another");
    pass(2000);
    assert.deepEqual(lines, ["  another ... 2 s"]);
  });

  it("is left alone while a command waits for its user", () => {
    silence.doing("");
    pass(60_000);
    assert.deepEqual(lines, []);
  });
});
