/** For esbuild (Node side): how a bundle of guest code reaches the SDK specifiers. */
import type { Plugin } from "esbuild";
import { SDK_SPECIFIERS } from "./specifiers.js";

const NAMESPACE = "sdk";

/**
 * Leaves SDK specifiers to the `require` that the engine hands to the bundle. Plain externals would not do: in a
 * package of type "module" esbuild gives imports of CommonJS modules Node's meaning, where `default` is the whole
 * namespace.
 */
export function sdkPlugin(): Plugin {
  const filter = new RegExp(`^(${Object.keys(SDK_SPECIFIERS).join("|")})$`);
  return {
    name: "sdk-specifiers",
    setup(build) {
      build.onResolve({ filter }, ({ path, namespace }) =>
        namespace === NAMESPACE ? { path, external: true } : { path, namespace: NAMESPACE, sideEffects: false },
      );
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: [
          `const sdk = require(${JSON.stringify(path)});`,
          ...(SDK_SPECIFIERS[path] ?? []).map((name) =>
            name === "default" ? "export default sdk.default;" : `export const ${name} = sdk.${name};`,
          ),
        ].join("\n"),
      }));
    },
  };
}
