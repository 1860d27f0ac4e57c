import type { FailureCode } from "../failure/index.js";

/** Exit codes of the tool, in docs/operator.md as well. */
export const EXIT = Object.freeze({
  done: 0,
  failed: 1,
  usage: 2,
  aws: 3,
  imageRefused: 4,
  updateFailed: 5,
  notYet: 6,
  interrupted: 130,
});

export const EXIT_TEXTS: Readonly<Record<number, string>> = Object.freeze({
  [EXIT.done]: "done",
  [EXIT.failed]: "it failed, and a line says why",
  [EXIT.usage]: "a mistake of the caller; nothing was done",
  [EXIT.aws]: "AWS refuses, or cannot be reached; the lines say what mends it",
  [EXIT.imageRefused]: "devices would refuse the image; nothing was done",
  [EXIT.updateFailed]: "the update did not go well: devices failed, or the job was stopped",
  [EXIT.notYet]: "not yet: call it again later",
  [EXIT.interrupted]: "Ctrl-C; the lines say what is left",
});

const BY_CODE: Readonly<Record<FailureCode, number>> = Object.freeze({
  usage: EXIT.usage,
  "image-refused": EXIT.imageRefused,
  "not-possible": EXIT.failed,
  "update-failed": EXIT.updateFailed,
  "not-yet": EXIT.notYet,
  "access-denied": EXIT.aws,
  credentials: EXIT.aws,
  throttled: EXIT.aws,
  "no-bucket": EXIT.aws,
  "wrong-region": EXIT.aws,
  "not-found": EXIT.aws,
  "already-exists": EXIT.aws,
  limit: EXIT.aws,
  unreachable: EXIT.aws,
  service: EXIT.aws,
  interrupted: EXIT.interrupted,
});

export function exitOf(code: FailureCode): number {
  return BY_CODE[code];
}
