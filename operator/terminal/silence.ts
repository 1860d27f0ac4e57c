/** The first line comes after so long, each next one after twice as long again. */
const FIRST_MS = 2000;

/**
 * Breaks the silence of a command that takes long.
 * @param say says what is going on
 * @returns ends it
 */
export function watchSilence(say: () => void): () => void {
  let wait = FIRST_MS;
  let timer = setTimeout(speak, wait);
  function speak(): void {
    say();
    wait *= 2;
    timer = setTimeout(speak, wait);
  }
  return () => clearTimeout(timer);
}
