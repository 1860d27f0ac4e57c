export const names = new Map([["a", 1]]);
export const numbers = new Set([1, 2]);

/** Not exported by itself: preload freezes it all the same. */
// biome-ignore lint/complexity/noStaticOnlyClass: static state is what preload freezes
class Hidden {
  static total = 0;
}

export const State = {
  table: { changed: false },
  change: () => {
    Hidden.total += 1;
  },
};
