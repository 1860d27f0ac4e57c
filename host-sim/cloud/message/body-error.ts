/** Why a request's body was not taken: larger than its service takes, or no room beside those being read now. */
export type BodyProblem = "too-large" | "no-room";

const MESSAGES: Readonly<Record<BodyProblem, string>> = Object.freeze({
  "too-large": "The body of the request is larger than the local cloud takes.",
  "no-room": "The local cloud is reading as many bodies as it has room for. Please reduce your request rate.",
});

/** A body that was not read, or not to its end. Each service words it in its own way. */
export class BodyError extends Error {
  override readonly name = "BodyError";
  constructor(readonly problem: BodyProblem) {
    super(MESSAGES[problem]);
  }
}
