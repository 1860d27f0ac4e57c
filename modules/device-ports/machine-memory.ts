import type { MachineMemory } from "../foundation/machine-memory.js";

/** `virtual_machine_creation` of `creation.c`; a negative number: the build does not tell. */
type Creation = (which: number) => number;

/** What the build gave the virtual machine; `undefined` where it does not tell. */
export function machineMemory(creation: Creation | undefined): MachineMemory | undefined {
  if (creation === undefined) return undefined;
  const stack = creation(0);
  if (stack < 0) return undefined;
  return {
    stack,
    heap: { initial: creation(1), incremental: creation(2) },
    chunk: { initial: creation(3), incremental: creation(4) },
    static: creation(5),
  };
}
