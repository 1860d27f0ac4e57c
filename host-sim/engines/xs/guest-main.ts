/**
 * The guest's end of the pipe on XS: turns host calls into `issueCommand` and commands of the host into calls of the
 * program. Evaluated once, before anything else; what it needs of xsnap's globals it keeps, as the environment takes
 * them away.
 */
import { decodeValue, encodeValue, type TextCodec } from "./wire.js";

declare const issueCommand: (request: ArrayBuffer) => ArrayBuffer;
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };

type Entry = (...args: readonly unknown[]) => unknown;
interface Guest {
  readonly require: Entry;
  readonly dispatch: Entry;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const text: TextCodec = { encode: (value) => encoder.encode(value), decode: (bytes) => decoder.decode(bytes) };
const issue = issueCommand;
// Indirect, so that the text is evaluated in the global scope.
// biome-ignore lint/security/noGlobalEval: the engine's way to load a program
const evaluate = globalThis.eval as (source: string) => Entry;

let guest: Guest | undefined;

function exact(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (!(buffer instanceof ArrayBuffer)) throw new TypeError("shared memory");
  return byteOffset === 0 && byteLength === buffer.byteLength
    ? buffer
    : buffer.slice(byteOffset, byteOffset + byteLength);
}

function host(name: string, ...args: readonly unknown[]): unknown {
  const answer = decodeValue(new Uint8Array(issue(exact(encodeValue([name, ...args], text)))), text);
  if (!Array.isArray(answer)) throw new TypeError("malformed answer");
  if (answer.length === 2) throw new Error(String(answer[1]));
  return answer[0];
}

function perform(command: unknown): void {
  if (!Array.isArray(command)) throw new TypeError("malformed command");
  const [name, ...args]: unknown[] = command;
  if (name === "load") guest = evaluate(String(args[0]))(host) as Guest;
  else if (name === "start") {
    const module = { exports: {} };
    evaluate(`(function (require, exports, module) {${String(args[0])}\n})\n//# sourceURL=${String(args[1])}`)(
      guest?.require,
      module.exports,
      module,
    );
  } else guest?.dispatch(...args);
}

/** Empty when all went well, else what went wrong. */
function handleCommand(request: ArrayBuffer): ArrayBuffer {
  try {
    perform(decodeValue(new Uint8Array(request), text));
    return new ArrayBuffer(0);
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined;
    return exact(text.encode(String(stack ?? error)));
  }
}

Object.defineProperty(globalThis, "handleCommand", { value: handleCommand });
