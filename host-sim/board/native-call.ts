import { callNative } from "../../modules/ota-partition/sim/native-calls.js";
import type { NativeCall } from "./host-calls.js";

/** No build of the SDK gave this virtual machine its memory. */
const NOT_TOLD = -1;

/** The firmware's C files: the boot's as its module runs it on a simulated ESP-IDF. */
export const nativeCall: NativeCall = (name, args, board) =>
  name === "virtual_machine_creation" ? NOT_TOLD : callNative(name, args, board);
