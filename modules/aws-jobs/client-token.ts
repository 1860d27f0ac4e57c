/** Length of the random part: 36^6 values, so that answers to a request from before a restart are told apart. */
const RANDOM_LENGTH = 6;
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

/**
 * Tokens that tie a response to its request. The service echoes them and gives them no other meaning. [AWS Jobs:
 * clientToken] At most 64 characters are safe; these stay below 24. Random for each boot, counted within it.
 */
export class ClientTokens {
  readonly #prefix: string;
  #count = 0;

  constructor(random: () => number) {
    let prefix = "";
    for (let index = 0; index < RANDOM_LENGTH; index++) prefix += DIGITS[Math.floor(random() * DIGITS.length)] ?? "0";
    this.#prefix = prefix;
  }

  next(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }
}
