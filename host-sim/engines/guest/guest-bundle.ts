import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const PORTS = fileURLToPath(new URL("../../ports/index.ts", import.meta.url));

/** Compiler settings for code that runs inside the guest; the project's `tsconfig.node.json` is for Node. */
export const GUEST_TSCONFIG = JSON.stringify({ compilerOptions: { target: "es2022", verbatimModuleSyntax: true } });

const bundles = new Map<string, Promise<string>>();

/**
 * The text that an engine evaluates before the firmware: the device's globals and the SDK's modules. `ports` is a
 * module that exports `require(specifier)` and `dispatch(event, id, ...args)` and uses the free variable `host`. Built
 * once for each process.
 */
export function guestBundle(ports: string = PORTS): Promise<string> {
  let bundle = bundles.get(ports);
  if (bundle === undefined) {
    bundle = bundleGuest(ports);
    bundles.set(ports, bundle);
  }
  return bundle;
}

async function bundleGuest(ports: string): Promise<string> {
  const result = await build({
    stdin: {
      contents: [
        `import { lockBuiltIns } from "./environment.ts";`,
        `import { dispatch, require as requireModule } from ${JSON.stringify(ports)};`,
        "lockBuiltIns();",
        "export { dispatch, requireModule as require };",
      ].join("\n"),
      resolveDir: FOLDER,
      sourcefile: "guest.ts",
      loader: "ts",
    },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "guest",
    target: "es2022",
    platform: "neutral",
    charset: "utf8",
    legalComments: "none",
    tsconfigRaw: GUEST_TSCONFIG,
    logLevel: "silent",
  });
  const text = result.outputFiles[0]?.text ?? "";
  return `(function (host) { "use strict";\n${text}\nreturn guest;\n})`;
}
