import { filesBelow, importsOf, resolveImport } from "./source-tree.js";

/** One file imports another one of the project. */
export type Edge = {
  readonly from: string;
  readonly to: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
};

/** An import that leads out of the project: to the SDK, to Node, to a foreign package. */
export type Exit = { readonly from: string; readonly specifier: string; readonly typeOnly: boolean };

export type ImportGraph = {
  readonly files: ReadonlySet<string>;
  readonly edges: readonly Edge[];
  readonly exits: readonly Exit[];
};

/** All sources below the folders, and what they import. */
export function importGraph(folders: readonly string[]): ImportGraph {
  const files = new Set(folders.flatMap((folder) => filesBelow(folder, ".ts", ".tsx", ".mjs")));
  const edges: Edge[] = [];
  const exits: Exit[] = [];
  for (const from of files) {
    for (const { specifier, typeOnly } of importsOf(from)) {
      const targets = resolveImport(from, specifier);
      for (const to of targets) edges.push({ from, to, specifier, typeOnly });
      if (targets.length === 0) exits.push({ from, specifier, typeOnly });
    }
  }
  return { files, edges, exits };
}

/**
 * Files that import each other in a loop, each loop once, its files in alphabetical order. (Tarjan's strongly connected
 * components.)
 */
export function circlesIn(edges: readonly Pick<Edge, "from" | "to">[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const known = targets.get(from);
    if (known === undefined) targets.set(from, [to]);
    else known.push(to);
  }
  const order = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    open.push(file);
    let low = number;
    for (const to of targets.get(file) ?? []) {
      const seen = order.get(to);
      if (seen === undefined) low = Math.min(low, visit(to));
      else if (open.includes(to)) low = Math.min(low, seen);
    }
    if (low === number) {
      const circle = open.splice(open.indexOf(file));
      if (circle.length > 1 || targets.get(file)?.includes(file) === true) circles.push(circle.sort());
    }
    return low;
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return circles;
}
