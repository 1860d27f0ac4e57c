import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloudStore, Stored } from "../../../host-sim/cloud/context/context.js";
import { listed } from "../../../host-sim/cloud/context/listed.js";
import { UnstorableKeyError } from "../../../host-sim/cloud/store/keys.js";
import { openLmdbStore } from "../../../host-sim/cloud/store/lmdb-store.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";

const directories: string[] = [];
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "aws-fota-store-"));
  directories.push(directory);
  return directory;
}

const stores: Readonly<Record<string, () => CloudStore>> = {
  "in memory": memoryStore,
  "on disk": () => openLmdbStore(newDirectory()),
};

after(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

for (const [name, open] of Object.entries(stores)) {
  describe(`The store ${name}`, () => {
    let store: CloudStore;
    beforeEach(() => {
      store = open();
    });
    afterEach(() => store.close());

    const keys = (...prefix: string[]) => Array.from(store.list(prefix), ({ key }) => key.join("/"));

    it("gives back what was put, of every kind", () => {
      const values: Stored[] = [
        "text",
        "",
        0,
        -1.5,
        1_767_000_000_123,
        true,
        false,
        null,
        [1, ["a"]],
        { a: { b: [null] } },
        {},
      ];
      for (const [index, value] of values.entries()) store.put(["k", String(index)], value);
      for (const [index, value] of values.entries()) assert.deepEqual(store.get(["k", String(index)]), value);
    });

    it("lists a part: behind a key, whether it is there or not, and at most so many", () => {
      for (const name of ["a", "b", "c", "d"]) store.put(["k", name], name);
      store.put(["k2", "a"], 0);
      store.put(["k", "b", "deep"], 0);
      const part = (after: readonly string[] | undefined, limit?: number) => {
        const wanted = limit === undefined ? { after } : { after, limit };
        return Array.from(store.list(["k"], wanted), ({ key }) => key.slice(1).join("/"));
      };
      assert.deepEqual(part(undefined, 2), ["a", "b"]);
      assert.deepEqual(part(["k", "a"]), ["b", "b/deep", "c", "d"]);
      assert.deepEqual(part(["k", "b"], 2), ["b/deep", "c"]);
      assert.deepEqual(part(["k", "bb"]), ["c", "d"]);
      assert.deepEqual(part(["k", "d"]), []);
      assert.deepEqual(part(["k", "c"], 0), []);
    });

    it("reads a long list as it is taken", () => {
      const names = Array.from({ length: 1000 }, (_, index) => `n${String(index).padStart(4, "0")}`);
      store.transaction(() => {
        for (const name of names) store.put(["long", name], 0);
      });
      const last = (after?: string) => Array.from(listed(store, ["long"], after), ({ key }) => key[1]);
      assert.deepEqual(last(), names);
      assert.deepEqual(last("n0511"), names.slice(512));
      assert.deepEqual(last("n0999"), []);
    });

    it("has nothing where nothing was put", () => {
      assert.equal(store.get(["none"]), undefined);
      store.put(["a", "b"], 1);
      assert.equal(store.get(["a"]), undefined);
      store.remove(["a", "c"]);
    });

    it("leaves out members that are undefined", () => {
      store.put(["k"], { a: 1, b: undefined });
      assert.deepEqual(Object.keys(Object(store.get(["k"]))), ["a"]);
    });

    it("replaces and removes", () => {
      store.put(["k"], 1);
      store.put(["k"], 2);
      assert.equal(store.get(["k"]), 2);
      store.remove(["k"]);
      assert.equal(store.get(["k"]), undefined);
    });

    it("lists by whole parts of the prefix, in key order", () => {
      for (const key of [["a", "10"], ["a", "9"], ["ab", "1"], ["a"], ["a", "b", "c"], ["b"], ["a", ""], ["a", "é"]])
        store.put(key, 1);
      assert.deepEqual(keys("a"), ["a", "a/", "a/10", "a/9", "a/b/c", "a/é"]);
      assert.deepEqual(keys("a", "b"), ["a/b/c"]);
      assert.deepEqual(keys("c"), []);
      assert.equal(keys().length, 8);
    });

    it("may be changed while a list is read", () => {
      for (const key of ["1", "2", "3"]) store.put(["k", key], 1);
      for (const { key } of store.list(["k"])) store.remove(key);
      assert.deepEqual(keys(), []);
    });

    it("lands all writes of a transaction, and gives its result", () => {
      const result = store.transaction(() => {
        store.put(["a"], 1);
        assert.equal(store.get(["a"]), 1);
        store.put(["b"], 2);
        return "done";
      });
      assert.equal(result, "done");
      assert.deepEqual(keys(), ["a", "b"]);
    });

    it("undoes all writes of a transaction that throws", () => {
      store.put(["a"], 1);
      store.put(["b"], 1);
      const failing = () =>
        store.transaction(() => {
          store.put(["a"], 2);
          store.remove(["b"]);
          store.put(["c"], 2);
          store.put(["c"], 3);
          throw new Error("stop");
        });
      assert.throws(failing, /stop/);
      assert.deepEqual(
        Array.from(store.list([]), ({ key, value }) => [key[0], value]),
        [
          ["a", 1],
          ["b", 1],
        ],
      );
    });

    it("undoes an inner transaction alone when its error is caught", () => {
      store.transaction(() => {
        store.put(["outer"], 1);
        assert.throws(() =>
          store.transaction(() => {
            store.put(["inner"], 1);
            throw new Error("stop");
          }),
        );
        store.transaction(() => store.put(["second"], 1));
      });
      assert.deepEqual(keys(), ["outer", "second"]);
    });

    it("undoes inner transactions with the outer one", () => {
      assert.throws(() =>
        store.transaction(() => {
          store.transaction(() => store.put(["inner"], 1));
          throw new Error("stop");
        }),
      );
      assert.deepEqual(keys(), []);
    });

    it("keeps what it was given, not what the caller makes of it later", () => {
      const value = { list: [1] };
      store.put(["k"], value);
      value.list.push(2);
      assert.deepEqual(store.get(["k"]), { list: [1] });
    });

    it("refuses an empty key", () => {
      assert.throws(() => store.put([], 1), RangeError);
      assert.throws(() => store.get([]), RangeError);
    });

    for (const [name, key] of Object.entries({
      "that holds NUL": ["a\u0000b"],
      "that is too long": ["x".repeat(2000)],
      "that is too long in UTF-8 only": ["\u20ac".repeat(700)],
      "that is too long in all its parts": ["x".repeat(1000), "y".repeat(1000)],
    })) {
      it(`keeps nothing under a key ${name}, and so finds nothing there`, () => {
        assert.throws(() => store.put(key, 1), UnstorableKeyError);
        assert.equal(store.get(key), undefined);
        assert.deepEqual([...store.list(key)], []);
        store.remove(key);
      });
    }

    it("refuses work after close, which may be called twice", () => {
      store.close();
      store.close();
      assert.throws(() => store.get(["a"]), /closed/);
      assert.throws(() => store.put(["a"], 1), /closed/);
    });
  });
}

describe("The store on disk", () => {
  it("has everything again after it was closed and opened", () => {
    const directory = newDirectory();
    const first = openLmdbStore(directory);
    first.put(["a", "b"], { c: [1] });
    first.close();
    const second = openLmdbStore(directory);
    assert.deepEqual(second.get(["a", "b"]), { c: [1] });
    second.close();
  });
});
