import type { Cell, Table } from "../bench.js";
import { boundOf } from "../update/bound.js";
import { LINKS } from "../update/models.js";
import { OURS, type Row, TROUBLE_NAMES } from "./matrix.js";

const KIB = 1024;

export function sizeName(size: number): string {
  return size >= KIB * KIB ? `${Math.round((size / KIB / KIB) * 10) / 10} MiB` : `${Math.round(size / KIB)} KiB`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 100_000 ? 1 : 0);

/** Seconds of each way, a row for each image, link and trouble, and what share of the ideal ours is. */
export function timeTable(rows: readonly Row[]): Table {
  const ways = [...new Set(rows.map(({ way }) => way))];
  const cells: Cell[][] = [];
  for (const size of new Set(rows.map((row) => row.size)))
    for (const link of LINKS)
      for (const trouble of TROUBLE_NAMES) {
        const here = rows.filter((row) => row.size === size && row.link === link.name && row.trouble === trouble);
        const own = here.find(({ way }) => way === OURS);
        if (own === undefined) continue;
        cells.push([
          sizeName(size),
          link.name,
          trouble === "none" ? "" : trouble,
          seconds(boundOf(size, link).ms),
          ...ways.map((way) => seconds(here.find((row) => row.way === way)?.ms ?? Number.NaN)),
          `${own.share} %`,
        ]);
      }
  return {
    title: "seconds from the connection to the last write",
    columns: ["image", "link", "trouble", "ideal", ...ways, "ideal / ours"],
    rows: cells,
  };
}

/** By patch: seconds and bytes of each way, a row for each link and trouble. */
export function patchTable(rows: readonly Row[]): Table {
  const ways = [...new Set(rows.map(({ way }) => way))];
  const cells: Cell[][] = [];
  for (const link of LINKS)
    for (const trouble of TROUBLE_NAMES) {
      const here = ways.map((way) =>
        rows.find((row) => row.way === way && row.link === link.name && row.trouble === trouble),
      );
      if (here.some((row) => row === undefined)) continue;
      cells.push([
        link.name,
        trouble === "none" ? "" : trouble,
        ...here.flatMap((row) => [seconds(row?.ms ?? 0), row?.wireBytes ?? 0, row?.erases ?? 0]),
        `${here[0]?.share ?? 0} %`,
      ]);
    }
  return {
    title: "by patch",
    columns: [
      "link",
      "trouble",
      ...ways.flatMap((way) => [`${way}: s`, "bytes on the wire", "erases"]),
      "ideal / ours",
    ],
    rows: cells,
  };
}

/** Everything but time that a way costs, on one link. */
export function costTable(rows: readonly Row[], size: number, link: string): Table {
  const here = rows.filter((row) => row.size === size && row.link === link);
  return {
    title: `${sizeName(size)} on ${link}`,
    columns: [
      "way",
      "trouble",
      "requests",
      "handshakes",
      "bytes on the wire",
      "publishes",
      "erases",
      "writes",
      "stores",
      "longest slice, ms",
    ],
    rows: here.map((row) => [
      row.way,
      row.trouble === "none" ? "" : row.trouble,
      row.requests,
      row.handshakes,
      row.wireBytes,
      row.publishes,
      row.erases,
      row.writes,
      row.stores,
      row.longestSliceMs,
    ]),
  };
}

/** As docs/performance.md has it. */
export function markdown({ columns, rows }: Table): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map(text).join(" | ")} |`;
  return [line(columns), `|${columns.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function text(cell: Cell): string {
  return typeof cell === "number" ? cell.toLocaleString("en-US") : cell;
}
