/** Figures of a coverage report, added up by folder. */

type Count = { readonly total: number; readonly covered: number };

/** A file's figures in c8's `coverage-summary.json`. */
export type FileSummary = { readonly lines: Count; readonly branches: Count };

export type FolderSummary = { readonly folder: string; readonly files: number } & FileSummary;

const add = (a: Count, b: Count): Count => ({ total: a.total + b.total, covered: a.covered + b.covered });

/** `modules/aws-jobs` for all below it; `src` and the files directly in `host-sim` stand for themselves. */
function folderOf(path: string): string {
  const [top = "", second = "", ...below] = path.split("/");
  return top === "src" || below.length === 0 ? top : `${top}/${second}`;
}

/** One row for each module and each part of host-sim, and one for all. `files`: paths from the project's root. */
export function byFolder(files: ReadonlyMap<string, FileSummary>): FolderSummary[] {
  const rows = new Map<string, FolderSummary>();
  const none = { total: 0, covered: 0 };
  for (const [path, { lines, branches }] of files)
    for (const folder of [folderOf(path), "all"]) {
      const row = rows.get(folder) ?? { folder, files: 0, lines: none, branches: none };
      rows.set(folder, {
        folder,
        files: row.files + 1,
        lines: add(row.lines, lines),
        branches: add(row.branches, branches),
      });
    }
  const last = (folder: string) => (folder === "all" ? "~" : folder);
  return [...rows.values()].sort((a, b) => (last(a.folder) < last(b.folder) ? -1 : 1));
}

const share = ({ total, covered }: Count) => (total === 0 ? "-" : `${((100 * covered) / total).toFixed(1)} %`);

/** The rows as a table of a document. */
export function coverageTable(rows: readonly FolderSummary[]): string {
  return [
    "| folder | files | lines | of them run | branches | of them taken |",
    "|---|---|---|---|---|---|",
    ...rows.map(
      ({ folder, files, lines, branches }) =>
        `| ${folder === "all" ? folder : `\`${folder}\``} | ${files} | ${lines.total} | ${share(lines)} | ${branches.total} | ${share(branches)} |`,
    ),
  ].join("\n");
}

/** `document` with `table` between the two marks that name it. @throws Error without the marks */
export function replaceTable(document: string, table: string): string {
  const marks = /(<!-- coverage -->\n)[\s\S]*?(<!-- end of coverage -->)/;
  if (!marks.test(document)) throw new Error("the document has no place for the table of coverage");
  return document.replace(marks, (_found, begin: string, end: string) => `${begin}${table}\n${end}`);
}
