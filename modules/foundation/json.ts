/** Deeper nesting is refused: the engine's parser recurses, and running out of stack restarts the device. */
const MAX_DEPTH = 24;

/** @returns the value in a box, or `undefined` when `text` is not JSON or nested too deeply */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  if (depth(text) > MAX_DEPTH) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}

function depth(text: string): number {
  let level = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') {
      inString = true;
    } else if (character === "{" || character === "[") {
      level += 1;
      if (level > deepest) deepest = level;
    } else if (character === "}" || character === "]") {
      level -= 1;
    }
  }
  return deepest;
}
