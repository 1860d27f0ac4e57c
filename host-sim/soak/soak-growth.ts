/** What a board at rest holds, after an update has ended and everything is quiet. */
export type Holdings = {
  readonly timers: number;
  readonly sockets: number;
  /** Connections of the network that are not over. */
  readonly connections: number;
  /** Of the broker. */
  readonly sessions: number;
  /** Slots in use and bytes taken from the system, where the engine can tell them (XS). */
  readonly slots?: number;
  readonly allocated?: number;
};

/**
 * Slots are counted with what the garbage collector has not fetched yet, so the middle one of many samples is compared,
 * roughly.
 */
const HEAP_TOLERANCE = 1.25;
/** Samples below which a quarter says nothing. */
const MIN_SAMPLES = 40;

/**
 * Sentences about what grew: one sample against the board before its first update, and the last quarter against the
 * first.
 */
export function growthOf(idle: Holdings, samples: readonly Holdings[]): string[] {
  const found: string[] = [];
  for (const name of ["timers", "sockets", "connections", "sessions"] as const) {
    const most = Math.max(...samples.map((sample) => sample[name]));
    if (most > idle[name]) found.push(`${name} grew from ${idle[name]} to ${most}`);
  }
  const { first, last } = heapOf(samples);
  if (samples.length >= MIN_SAMPLES && first !== undefined && last !== undefined && last > first * HEAP_TOLERANCE)
    found.push(`the heap grew from ${first} to ${last} slots`);
  return found;
}

/** The median of the slots in use in the first and in the last quarter. */
export function heapOf(samples: readonly Holdings[]): {
  readonly first: number | undefined;
  readonly last: number | undefined;
} {
  const quarter = Math.ceil(samples.length / 4);
  return { first: medianOf(samples.slice(0, quarter)), last: medianOf(samples.slice(-quarter)) };
}

function medianOf(samples: readonly Holdings[]): number | undefined {
  const slots = samples.flatMap(({ slots }) => (slots === undefined ? [] : [slots])).sort((one, other) => one - other);
  return slots[slots.length >> 1];
}
