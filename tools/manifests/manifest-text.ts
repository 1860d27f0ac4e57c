const LINE_WIDTH = 120;
const INDENT = "  ";

/** JSON as the project's formatter leaves it: objects one entry a line, an array on one line where it fits. */
export function manifestText(value: unknown): string {
  return `${textOf(value, 0, 0)}\n`;
}

function textOf(value: unknown, depth: number, column: number): string {
  const inner = INDENT.repeat(depth + 1);
  const outer = INDENT.repeat(depth);
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    // One more column for the comma behind it.
    if (column + line.length + 1 <= LINE_WIDTH) return line;
    return `[\n${value.map((item) => inner + textOf(item, depth + 1, inner.length)).join(",\n")}\n${outer}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, item]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return start + textOf(item, depth + 1, start.length);
  });
  return `{\n${lines.join(",\n")}\n${outer}}`;
}
