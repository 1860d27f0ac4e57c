/** The tables of docs/footprint.md, and when a figure of theirs is out of date. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../../../docs/footprint.md", import.meta.url));

/** More than this between page and measurement, and the page is out of date. */
export const TOLERANCE = 0.05;

export type Rows = ReadonlyMap<string, readonly number[]>;

/**
 * The first table below the heading `title`: its rows by their first cell, with the numbers of the others.
 * @throws Error when there is none
 */
export function tableBelow(title: string, text = readFileSync(PAGE, "utf8")): Rows {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  const lines =
    /(?:^\|.*\n)+/m
      .exec(section ?? "")?.[0]
      .trim()
      .split("\n") ?? [];
  if (lines.length < 3) throw new Error(`docs/footprint.md has no table below "${title}"`);
  return new Map(
    lines.slice(2).map((line) => {
      const [name = "", ...cells] = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [name.replaceAll("`", ""), cells.map(numberIn)];
    }),
  );
}

/** Thousands have commas. */
function numberIn(cell: string): number {
  return Number(cell.replaceAll(",", "").replace(/ .*$/, ""));
}

/** What of the page is not as it was measured, a line each. */
export function outdated(page: Rows, measured: Rows): string[] {
  const names = new Set([...page.keys(), ...measured.keys()]);
  return [...names].flatMap((name) => {
    const [said, found] = [page.get(name), measured.get(name)];
    if (said === undefined) return [`${name} is missing on the page: ${found?.join(", ")}`];
    if (found === undefined) return [`${name} was not measured`];
    const same =
      said.length === found.length && said.every((value, index) => isNear(value, found[index] ?? Number.NaN));
    return same ? [] : [`${name}: the page says ${said.join(", ")}, measured ${found.join(", ")}`];
  });
}

function isNear(said: number, found: number): boolean {
  return Math.abs(said - found) <= TOLERANCE * Math.abs(found);
}

/** A table for the page. */
export function tableText(header: readonly string[], rows: Rows): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(header),
    line(header.map((_, index) => (index === 0 ? "---" : "--:"))),
    ...[...rows].map(([name, cells]) => line([name, ...cells.map((cell) => cell.toLocaleString("en-US"))])),
  ].join("\n");
}
