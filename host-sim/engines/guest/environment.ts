/**
 * First part of the guest bundle: takes away what an engine has and the device has not, and lets time and chance come
 * from the board. It runs before the SDK's modules are evaluated; {@link lockBuiltIns} runs after them and before the
 * firmware.
 */
declare const host: (name: string) => unknown;

/** Globals of ECMAScript 2022. All others go: those of Node, of the browser, of xsnap, and those of later editions. */
const GLOBAL_NAMES: readonly string[] = Object.freeze(
  (
    "AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError FinalizationRegistry " +
    "Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array JSON Map Math NaN Number Object Promise Proxy RangeError " +
    "ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array " +
    "Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite " +
    "isNaN parseFloat parseInt undefined unescape"
  ).split(" "),
);

/** Where xsnap's engine calls the program; it cannot be taken away, only hidden from enumeration. */
const ENGINE_ENTRY = "handleCommand";

/** Library functions later than ECMAScript 2022 which some XS in use lacks. The firmware must not need them. */
const LATER_NAMES: readonly (readonly [owner: string, names: string])[] = Object.freeze([
  ["Array", "fromAsync"],
  ["Array.prototype", "toReversed toSorted toSpliced with"],
  ["Uint8Array", "fromBase64 fromHex"],
  ["Uint8Array.prototype", "setFromBase64 setFromHex toBase64 toHex"],
  ["ArrayBuffer.prototype", "transferToFixedLength transferToImmutable sliceToImmutable"],
  ["Atomics", "waitAsync pause"],
  ["DataView.prototype", "getFloat16 setFloat16"],
  ["Error", "captureStackTrace isError"],
  ["JSON", "isRawJSON rawJSON"],
  ["Map", "groupBy"],
  ["Map.prototype", "getOrInsert getOrInsertComputed"],
  ["Math", "f16round sumPrecise"],
  ["Object", "groupBy"],
  ["Promise", "try withResolvers"],
  ["RegExp", "escape"],
  ["Set.prototype", "difference intersection isDisjointFrom isSubsetOf isSupersetOf symmetricDifference union"],
  ["String.prototype", "isWellFormed toWellFormed"],
  ["WeakMap.prototype", "getOrInsert getOrInsertComputed"],
]);

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function own(owner: object, name: string): unknown {
  return Reflect.getOwnPropertyDescriptor(owner, name)?.value;
}

function define(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });
}

function removeForeignGlobals(): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (name !== ENGINE_ENTRY && !GLOBAL_NAMES.includes(name)) Reflect.deleteProperty(globalThis, name);
  }
}

function removeLaterFunctions(): void {
  for (const [path, names] of LATER_NAMES) {
    let owner: unknown = globalThis;
    for (const part of path.split(".")) owner = isObject(owner) ? own(owner, part) : undefined;
    for (const name of names.split(" ")) if (isObject(owner)) Reflect.deleteProperty(owner, name);
  }
  const typedArray: unknown = Object.getPrototypeOf(Uint8Array.prototype);
  for (const name of ["toReversed", "toSorted", "with"]) {
    if (isObject(typedArray)) Reflect.deleteProperty(typedArray, name);
  }
}

function now(): number {
  return Number(host("clock.now"));
}

/** `Date` on the board's clock, in UTC: an ESP32 has no time zone unless the program sets one. */
function installDate(): void {
  const RealDate = Date;
  function BoardDate(this: unknown, ...parts: readonly unknown[]): unknown {
    if (new.target === undefined) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
  }
  Object.defineProperty(BoardDate, "name", { value: "Date" });
  Object.defineProperty(BoardDate, "length", { value: 7 });
  Object.defineProperty(BoardDate, "prototype", { value: RealDate.prototype, writable: false });
  define(BoardDate, "now", now);
  define(BoardDate, "parse", RealDate.parse);
  define(BoardDate, "UTC", RealDate.UTC);
  define(RealDate.prototype, "constructor", BoardDate);
  for (const part of ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"]) {
    define(RealDate.prototype, `get${part}`, own(RealDate.prototype, `getUTC${part}`));
    if (part !== "Day") define(RealDate.prototype, `set${part}`, own(RealDate.prototype, `setUTC${part}`));
  }
  define(RealDate.prototype, "getTimezoneOffset", () => 0);
  define(globalThis, "Date", BoardDate);
}

/** Built-in constructors, prototypes and namespaces cannot be extended once a build with preloaded modules runs. */
export function lockBuiltIns(): void {
  for (const name of GLOBAL_NAMES) {
    if (name === "globalThis") continue;
    const value = own(globalThis, name);
    if (!isObject(value)) continue;
    Object.preventExtensions(value);
    const prototype = own(value, "prototype");
    if (isObject(prototype)) Object.preventExtensions(prototype);
  }
}

removeForeignGlobals();
removeLaterFunctions();
installDate();
define(Math, "random", () => Number(host("random")));
