/** SDK `mc/ffi`: native functions as own properties of an instance. The board runs them on its simulated ESP-IDF. */
import { asBytes, callHost, type HostValue } from "./host.js";

type FFIFunction = (...args: readonly unknown[]) => HostValue;

/** Buffers a native function may have written to, in the order of its arguments. */
interface OutBuffers {
  readonly result: HostValue;
  readonly buffers: readonly HostValue[];
}

function isOutBuffers(value: HostValue): value is OutBuffers & { readonly [key: string]: HostValue } {
  return (
    typeof value === "object" &&
    value !== null &&
    "result" in value &&
    "buffers" in value &&
    Array.isArray(value.buffers)
  );
}

function bind(name: string): FFIFunction {
  return (...args) => {
    const buffers: ArrayBuffer[] = [];
    const values = args.map((argument): HostValue => {
      if (argument === undefined) throw new SyntaxError(`${name}: missing argument`);
      // A pointer argument takes an ArrayBuffer only.
      if (ArrayBuffer.isView(argument)) throw new TypeError(`${name}: no ArrayBuffer instance`);
      if (argument instanceof ArrayBuffer) {
        buffers.push(argument);
        return new Uint8Array(argument);
      }
      return typeof argument === "string" ? Number(argument) || 0 : Number(argument);
    });
    const answer = callHost("ffi", name, ...values);
    if (!isOutBuffers(answer)) return answer;
    answer.buffers.forEach((bytes, index) => {
      const buffer = buffers[index];
      if (buffer !== undefined) new Uint8Array(buffer).set(asBytes(bytes));
    });
    return answer.result;
  };
}

class FFI {
  [name: string]: FFIFunction;

  constructor() {
    const names = callHost("ffi.names");
    for (const name of Array.isArray(names) ? names.map(String) : []) this[name] = bind(name);
  }
}

export default FFI;
