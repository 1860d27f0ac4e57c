/**
 * A pattern of a policy after its variables were replaced: literal texts between `*` (any text) and `?` (any one
 * character).
 */
export type Pattern = readonly (string | typeof ANY_TEXT | typeof ANY_CHARACTER)[];

const ANY_TEXT: unique symbol = Symbol("*");
const ANY_CHARACTER: unique symbol = Symbol("?");
const ESCAPES: Readonly<Record<string, string>> = { "*": "*", "?": "?", $: "$" };

/**
 * Splits a text of a policy into literals and wildcards and replaces `${...}`. A variable's value is literal: a thing
 * named with a wildcard character gains nothing by it. Undefined when a variable has no value, which makes the text
 * match nothing.
 */
export function compilePattern(text: string, variable: (name: string) => string | undefined): Pattern | undefined {
  const parts: (string | typeof ANY_TEXT | typeof ANY_CHARACTER)[] = [];
  for (const [token] of text.matchAll(/\$\{[^}]*\}|\*|\?|[^$*?]+|\$/gs)) {
    if (token === "*") parts.push(ANY_TEXT);
    else if (token === "?") parts.push(ANY_CHARACTER);
    else if (token.startsWith("${")) {
      const name = token.slice(2, -1).trim();
      const value = ESCAPES[name] ?? variable(name);
      if (value === undefined) return undefined;
      parts.push(value);
    } else parts.push(token);
  }
  return parts;
}

/** Whether the whole `text` fits the pattern. `+`, `#` and `/` are ordinary characters here, unlike in MQTT filters. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const source = pattern.map((part) => {
    if (part === ANY_TEXT) return ".*";
    if (part === ANY_CHARACTER) return ".";
    return String(part).replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "su").test(text);
}
