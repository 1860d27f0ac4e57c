import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { makePrivateFolder, PRIVATE_FOLDER } from "local-aws-iot/files";
import { type ByteStore, createFlashImage, MemoryStore, type Partition } from "../../modules/esp32-sim/index.js";
import { FlashFile } from "../chip/flash-file.js";
import { NodeDigest } from "../chip/node-digest.js";
import { devicePartitions } from "../chip/partitions.js";
import { type Engine, type EngineName, engineByName, guestBundle } from "../engines/index.js";
import { Board } from "./board.js";
import type { BoardOptions } from "./board-options.js";
import { KeyValueStore } from "./key-value.js";

/** Mode bit of a folder that all users share. */
const STICKY = 0o1000;

/** What a board is made of, with defaults for most of it. */
export interface BoardSetup extends Omit<BoardOptions, "engine" | "ports" | "flash" | "store"> {
  /** Default: `"node"`. */
  readonly engine?: Engine | EngineName;
  /** Default: the bundle of `host-sim/ports`. */
  readonly ports?: string;
  /** File of the raw flash image; its key-value store lies beside it as `<file>.nvs.json`. Default: both in memory. */
  readonly flashFile?: string;
  /** Contents of the chip, instead of `image` and `flashFile`. */
  readonly flash?: ByteStore;
  readonly store?: KeyValueStore;
  /** Application image that a chip which is new gets into its first slot by cable. */
  readonly image?: Uint8Array;
  /** Partition table of a new chip. Default: the one of the device build. */
  readonly partitions?: readonly Partition[];
}

/**
 * A board that is off. A flash file that exists is used as it is; `image` then is not looked at.
 * @throws Error when the chip is new and no image is given, when the file is no flash image, when XS is wanted and not
 * available
 */
export async function createBoard(setup: BoardSetup): Promise<Board> {
  const { engine = "node", ports, flash, store, flashFile, image, partitions, ...options } = setup;
  if (flashFile !== undefined) closeFolder(flashFile);
  return new Board({
    ...options,
    engine: typeof engine === "string" ? await engineByName(engine) : engine,
    ports: ports ?? (await guestBundle()),
    flash: flash ?? openFlash(setup),
    store: store ?? new KeyValueStore(flashFile === undefined ? undefined : storePath(flashFile)),
  });
}

/**
 * A folder for a board's files alone is closed to others. One that holds other things, such as the folder somebody
 * works in, stays as it is: the files in it are closed themselves.
 */
function closeFolder(flashFile: string): void {
  const folder = dirname(flashFile);
  const own = basename(flashFile);
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
  const { mode, uid } = statSync(folder);
  const isOwned = (mode & STICKY) === 0 && uid === (process.getuid?.() ?? uid);
  if (isOwned && readdirSync(folder).every((name) => name.startsWith(own))) makePrivateFolder(folder);
}

function openFlash({ flashFile, image, partitions = devicePartitions() }: BoardSetup): ByteStore {
  if (flashFile !== undefined && existsSync(flashFile)) return new FlashFile(flashFile);
  if (image === undefined)
    throw new Error(`a new flash needs an image${flashFile === undefined ? "" : `: ${flashFile} does not exist`}`);
  const first = partitions.find(({ type }) => type === 0);
  const bytes = createFlashImage({ partitions, images: { [first?.label ?? "ota_0"]: image }, Digest: NodeDigest });
  if (flashFile === undefined) return new MemoryStore(bytes);
  // What an earlier chip of that name remembered is not this one's.
  rmSync(storePath(flashFile), { force: true });
  return new FlashFile(flashFile, bytes);
}

function storePath(flashFile: string): string {
  return `${flashFile}.nvs.json`;
}
