import config from "mc/config";

/** Where the simulator keeps what a board keeps in flash, with the separator: `config.file.root` of the manifest. */
export function stateFolder(): string {
  const { file } = config;
  const root = typeof file === "object" && file !== null && "root" in file ? file.root : undefined;
  return typeof root === "string" && root !== "" ? root : "./";
}
