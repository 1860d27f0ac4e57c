import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A file of the page. It is the same for everybody, and says nothing of the fleet. */
export type PageFile = { readonly type: string; readonly body: Buffer };

const WEB = new URL("../web/", import.meta.url);

const INDEX = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>fota</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body><div id="page"><p class="boot">The page needs JavaScript.</p></div></body>
</html>
`;

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#1f5fbf"/>' +
  '<path d="M8 12.5v-7M4.8 8 8 4.6 11.2 8" fill="none" stroke="#fff" stroke-width="2"/></svg>';

/** All files of the page, by path. The program is bundled as it is needed, out of this package and its dependencies. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("main.tsx", WEB))],
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
    // What stands in folders above must not change the page.
    tsconfigRaw: {},
  });
  const [program] = outputFiles;
  if (program === undefined) throw new Error("esbuild made no program");
  return new Map<string, PageFile>([
    ["/", { type: "text/html; charset=utf-8", body: Buffer.from(INDEX) }],
    ["/page.js", { type: "text/javascript; charset=utf-8", body: Buffer.from(program.contents) }],
    ["/page.css", { type: "text/css; charset=utf-8", body: readFileSync(new URL("page.css", WEB)) }],
    ["/icon.svg", { type: "image/svg+xml", body: Buffer.from(ICON) }],
  ]);
}
