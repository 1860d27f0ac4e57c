import { names, numbers, State } from "./tables.js";

export type Name = "a" | "b";

export class Counter {
  static shared = 0;
  static readonly cache = new Map<string, number>();
  count = 0;

  bump(): number {
    this.count += 1;
    return this.count;
  }
}

/** Each attempt returns the name of the error it ends in, or "changed". */
export function attempts(): Record<string, () => unknown> {
  return {
    static: () => {
      Counter.shared = 1;
    },
    prototype: () => Object.assign(Counter.prototype, { bump: () => 0 }),
    "static map": () => Counter.cache.set("a", 1),
    map: () => names.set("c", 3),
    set: () => numbers.add(9),
    "hidden class": () => {
      State.change();
    },
    "plain object": () => {
      State.table.changed = true;
    },
  };
}
