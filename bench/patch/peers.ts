/** What others make of the same images, where their programs are installed. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImagePair } from "./published-images.js";

export interface Peer {
  readonly name: string;
  /** Programs that it needs, as the system names them. */
  readonly programs: readonly string[];
  /** Bytes of its patch. `old` is absent where there is no base. */
  size(folder: string, old: string | undefined, fresh: string): number;
}

const BSDIFF_HEADER = 32;

export const PEERS: readonly Peer[] = [
  {
    name: "bsdiff + xz",
    programs: ["bsdiff", "bzip2", "xz"],
    size: (folder, old, fresh) => {
      if (old === undefined) return outputOf("xz", ["-9e", "-c", fresh]).length;
      const patch = join(folder, "bsdiff");
      outputOf("bsdiff", [old, fresh, patch]);
      const plain = join(folder, "plain");
      writeFileSync(plain, bsdiffPlain(readFileSync(patch)));
      return outputOf("xz", ["-9e", "-c", plain]).length;
    },
  },
  {
    name: "xdelta3",
    programs: ["xdelta3"],
    size: (folder, old, fresh) => {
      const patch = join(folder, "xdelta3");
      rmSync(patch, { force: true });
      outputOf("xdelta3", ["-e", "-9", "-S", "lzma", ...(old === undefined ? [] : ["-s", old]), fresh, patch]);
      return statSync(patch).size;
    },
  },
  {
    name: "zstd",
    programs: ["zstd"],
    size: (_, old, fresh) => {
      const base = old === undefined ? [] : [`--patch-from=${old}`];
      return outputOf("zstd", ["-19", "--single-thread", "-q", ...base, "-c", fresh]).length;
    },
  },
];

/** The programs of the peers that are not there. */
export function missingPrograms(): string[] {
  const programs = [...new Set(PEERS.flatMap((peer) => peer.programs))];
  return programs.filter((program) => spawnSync("which", [program]).status !== 0);
}

/** Bytes of each peer's patch; `undefined` where its programs are missing. */
export function peerSizes(folder: string, { from, to }: ImagePair, missing: readonly string[]): (number | undefined)[] {
  const [old, fresh] = [join(folder, "old.bin"), join(folder, "new.bin")];
  if (from !== undefined) writeFileSync(old, from);
  writeFileSync(fresh, to);
  return PEERS.map((peer) =>
    peer.programs.some((program) => missing.includes(program))
      ? undefined
      : peer.size(folder, from === undefined ? undefined : old, fresh),
  );
}

/** A patch of bsdiff without its compression: control, differences and new bytes, one behind the other. */
function bsdiffPlain(patch: Buffer): Buffer {
  const [control, differences] = [8, 16].map((at) => Number(patch.readBigUInt64LE(at)));
  const parts = [control ?? 0, differences ?? 0, patch.length];
  let at = BSDIFF_HEADER;
  const plain = parts.map((length) => {
    const part = patch.subarray(at, at + length);
    at += length;
    return outputOf("bzip2", ["-dc"], part);
  });
  return Buffer.concat(plain);
}

function outputOf(program: string, args: readonly string[], input?: Buffer): Buffer {
  const run = spawnSync(program, args, { ...(input && { input }), maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`${program}: ${run.stderr.toString().slice(0, 200)}`);
  return run.stdout;
}
