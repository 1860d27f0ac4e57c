import type { IncomingMessage } from "node:http";
import { BodyError } from "../message/body-error.js";
import type { BodyBudget } from "./body-budget.js";

/** A body in memory; `release` gives its room back, once. */
export interface HeldBody {
  readonly bytes: Uint8Array;
  release(): void;
}

/** Length that the head announces: 0 without a body, infinite for one in chunks. */
export function announcedLength({ headers }: Pick<IncomingMessage, "headers">): number {
  if (headers["transfer-encoding"] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(headers["content-length"] ?? 0);
}

/**
 * Reads a body of at most `limit` bytes, each of which has to find room in `budget`. What is announced as too long is
 * not begun. Error: rejects with {@link BodyError}; the rest of the body is then still to come, and nothing is held.
 */
export function readBody(incoming: IncomingMessage, limit: number, budget: BodyBudget): Promise<HeldBody> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const settle = () => {
      for (const [event, listener] of Object.entries(listeners)) incoming.off(event, listener);
    };
    const fail = (error: Error) => {
      settle();
      incoming.pause();
      budget.give(length);
      reject(error);
    };
    const listeners = {
      data(part: Buffer) {
        if (length + part.length > limit) fail(new BodyError("too-large"));
        else if (!budget.take(part.length)) fail(new BodyError("no-room"));
        else {
          length += part.length;
          parts.push(part);
        }
      },
      end() {
        settle();
        const bytes = Buffer.concat(parts);
        resolve({ bytes, release: once(() => budget.give(bytes.length)) });
      },
      close: () => fail(new Error("the client went away within its body")),
      error: fail,
    };
    const announced = announcedLength(incoming);
    if (announced > limit && announced !== Number.POSITIVE_INFINITY) {
      reject(new BodyError("too-large"));
      return;
    }
    for (const [event, listener] of Object.entries(listeners)) incoming.on(event, listener);
  });
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
