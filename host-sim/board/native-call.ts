import { callNative } from "../../modules/ota-partition/sim/native-calls.js";
import type { NativeCall } from "./host-calls.js";

/** The firmware's C file, as its module runs it on a simulated ESP-IDF. */
export const nativeCall: NativeCall = (name, args, board) => callNative(name, args, board);
