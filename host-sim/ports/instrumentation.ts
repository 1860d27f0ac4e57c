/** SDK `instrumentation`. Names the board does not measure map to `undefined`, as in builds without instrumentation. */
import { callHost } from "./host.js";

const NAMES: readonly string[] = Object.freeze([
  "Network Bytes Read",
  "Network Bytes Written",
  "Network Sockets",
  "Timers",
  "System Free Memory",
  "XS Slot Heap Used",
  "XS Chunk Heap Used",
  "XS Garbage Collection Count",
]);

const Instrumentation = Object.freeze({
  map(name: unknown): number | undefined {
    const index = NAMES.indexOf(String(name));
    if (index < 0 || typeof callHost("instrumentation.get", String(name)) !== "number") return undefined;
    return index + 1;
  },

  get(index: unknown): number | undefined {
    const name = NAMES[Number(index) - 1];
    const value = name === undefined ? undefined : callHost("instrumentation.get", name);
    return typeof value === "number" ? value : undefined;
  },

  name(index: unknown): string | undefined {
    return NAMES[Number(index) - 1];
  },
});

export default Instrumentation;
