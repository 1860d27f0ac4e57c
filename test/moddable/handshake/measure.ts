/**
 * Handshakes one after the other, with what each costs: microseconds of computing within the callbacks of TCP, and
 * bytes and slots allocated, garbage included. Runs with and without `strict-tls` in the build. One line `handshake
 * {...}` for each.
 */

import Resource from "Resource";
import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import Debug from "debug";
import Instrumentation from "instrumentation";
import config from "mc/config";
import FFI from "mc/ffi";
import Timer from "timer";

const ROUNDS = 20;
const PEERS: readonly (readonly [label: string, root: string])[] = [
  ["cross-signed", "strict-root.der"],
  ["ec", "strict-ec-root.der"],
];

type Callback = (count?: number) => void;
type Options = { [name: string]: unknown; onReadable: Callback; onWritable: Callback; onError: Callback };
type Socket = { close(): void };

const { cpu_microseconds: now } = new FFI() as unknown as { cpu_microseconds(): number };
type Instrument = "XS Chunk Heap Used" | "XS Slot Heap Used";
const used = (name: Instrument): number => Instrumentation.get(Instrumentation.map(name)) ?? 0;

const spent = { microseconds: 0 };

class TimedTCP extends (TCP as unknown as new (options: Options) => Socket) {
  constructor(options: Options) {
    const timed = (callback: Callback): Callback =>
      function (this: unknown, count) {
        const start = now();
        callback.call(this, count);
        spent.microseconds += now() - start;
      };
    super({ ...options, onReadable: timed(options.onReadable), onWritable: timed(options.onWritable) });
  }
}

function handshake(label: string, root: string, onDone: () => void): void {
  Debug.gc();
  const [chunks, slots] = [used("XS Chunk Heap Used"), used("XS Slot Heap Used")];
  spent.microseconds = 0;
  let done = false;
  const socket = new (TLSSocket as unknown as new (options: object) => Socket)({
    address: "127.0.0.1",
    host: `${label}.strict.contract.test`,
    port: config.port,
    TCP: { io: TimedTCP },
    secure: { certificate: new Resource(root), cache: false },
    onReadable() {},
    onError: () => trace(`handshake failed ${label}\n`),
    onWritable() {
      if (done) return;
      done = true;
      const allocated = [used("XS Chunk Heap Used") - chunks, used("XS Slot Heap Used") - slots];
      // Not here: the time of this callback is not counted yet.
      Timer.set(() => {
        socket.close();
        const [bytes, objects] = allocated;
        trace(
          `handshake {"label":"${label}","microseconds":${spent.microseconds},"chunks":${bytes},"slots":${objects}}\n`,
        );
        onDone();
      });
    },
  });
}

function run(round: number): void {
  const [label, root] = PEERS[Math.floor(round / ROUNDS)] ?? [];
  if (label === undefined || root === undefined) trace("handshakes done\n");
  else handshake(label, root, () => Timer.set(() => run(round + 1)));
}

run(0);
