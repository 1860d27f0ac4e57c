/** A part of the virtual machine's memory: at the start, and by how much it grows when it is full (0: never). */
export type GrowingMemory = { readonly initial: number; readonly incremental: number };

/** What the build gives the JavaScript virtual machine: `creation` of the merged manifests. */
export type MachineMemory = {
  /** Slots of the stack, which never grows. */
  readonly stack: number;
  /** Slots of objects, properties and array items. */
  readonly heap: GrowingMemory;
  /** Bytes of strings and buffers. */
  readonly chunk: GrowingMemory;
  /** Bytes of the one block that holds all three and never grows; 0: each has its own. */
  readonly static: number;
};
