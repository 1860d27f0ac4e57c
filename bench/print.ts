import type { BenchReport, Cell, Table } from "./bench.js";

/** A table as aligned columns, numbers to the right. */
export function tableLines({ title, columns, rows }: Table): string[] {
  const texts = rows.map((row) => row.map(cellText));
  const widths = columns.map((name, index) => Math.max(name.length, ...texts.map((row) => row[index]?.length ?? 0)));
  const isNumber = columns.map((_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === "number"));
  const line = (cells: readonly string[]) =>
    cells
      .map((text, index) => (isNumber[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd();
  return [title, line(columns), widths.map((width) => "-".repeat(width)).join("  "), ...texts.map(line)];
}

export function reportLines(name: string, { tables, checks, notes = [] }: BenchReport): string[] {
  const lines = [`== ${name}`];
  for (const table of tables) lines.push(...tableLines(table), "");
  for (const note of notes) lines.push(note);
  for (const { ok, name: what, detail } of checks)
    lines.push(`${ok ? "holds" : "FAILS"}: ${what}${detail === undefined ? "" : ` (${detail})`}`);
  lines.push("");
  return lines;
}

function cellText(cell: Cell): string {
  return typeof cell === "number" ? cell.toLocaleString("en-US", { maximumFractionDigits: 2 }) : cell;
}
