import { writeSync } from "node:fs";
import { openLmdbStore } from "../../../host-sim/cloud/store/lmdb-store.js";

/**
 * Child process of the kill test: counts on in the store for ever, two keys in one transaction and one apart, and says
 * each number on stdout only when it is stored. Argument: the store's directory.
 */
const store = openLmdbStore(process.argv[2] ?? "");
const last = store.get(["apart"]);
for (let number = typeof last === "number" ? last + 1 : 1; ; number++) {
  store.transaction(() => {
    store.put(["pair", "first"], number);
    store.put(["log", String(number).padStart(8, "0")], { number, text: "x".repeat(number % 500) });
    store.put(["pair", "second"], number);
  });
  store.put(["apart"], number);
  writeSync(1, `${number}\n`);
}
