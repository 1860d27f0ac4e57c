import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  isProvisionedManifest,
  MANIFEST_FILE,
  ProvisionError,
  type Provisioned,
  type ProvisionedFile,
  type ProvisionOptions,
  provision,
  ROOT_FILE,
} from "fota-operator/provision";
import { makePrivateFolder, PRIVATE_FILE } from "local-aws-iot/files";
import {
  type CommandOutput,
  type Manual,
  optionalInteger,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  requiredText,
  runCommand,
  UsageError,
  usageWhenThrown,
} from "../command-line/index.js";
import { cannotWrite, codeOf } from "./files.js";

const PROJECT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const MAX_INPUT_BYTES = 100_000;
const PUBLIC_FILE = 0o644;

const PROVISION: Manual = {
  name: "provision",
  does: "Writes the files that one device's firmware needs for AWS IoT, and prints the mcconfig line that builds it.",
  options: {
    thing: { type: "string", value: "NAME", does: "the thing's name" },
    out: { type: "string", value: "DIR", does: "a folder for the files, closed to others" },
    cert: { type: "string", value: "FILE", does: "the device's certificate (PEM)" },
    key: { type: "string", value: "FILE", does: "its RSA-2048 key (PEM)" },
    endpoint: { type: "string", value: "HOST", does: "the account's endpoint, or a broker" },
    port: { type: "string", value: "N", does: "its port (default 8883)" },
    ca: { type: "string", value: "FILE", does: "a root to trust besides those of the firmware (PEM)" },
    dns: { type: "string", value: "ADDRESS,...", does: "servers to resolve names with, besides the network's own" },
    sntp: { type: "string", value: "HOST,...", does: "servers to set the clock from" },
    platform: { type: "string", value: "P", does: "for mcconfig -p (default esp32)" },
    manifest: { type: "string", value: "FILE", does: "the application's manifest (default this project's)" },
  },
  example:
    "--thing my-board --cert my-board.pem.crt --key my-board.private.pem.key --endpoint abc-ats.iot.eu-west-1.amazonaws.com --out build/my-board",
  exits: { 0: "the files are written" },
};

/**
 * Writes the files and prints the `mcconfig` line.
 * @returns the exit code, see {@link PROVISION}
 */
export function runProvision(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(PROVISION, argv, output, async () => {
    const { provisioned, out } = prepare(argv);
    writeFiles(out, provisioned.files);
    for (const warning of provisioned.warnings) output.err(`provision: ${warning}`);
    output.out(provisioned.mcconfigLine);
    return 0;
  });
}

function prepare(argv: readonly string[]): { provisioned: Provisioned; out: string } {
  const values = parseOptions(argv, PROVISION.options);
  const text = (name: string) => requiredText(values, name);
  const [thingName, outArgument, certFile, keyFile] = [text("thing"), text("out"), text("cert"), text("key")];
  const rootFile = optionalText(values, "ca");
  const platform = optionalText(values, "platform");
  if (platform !== undefined && !/^[a-z0-9_]+(?:\/[a-z0-9_]+)?$/.test(platform)) {
    throw new UsageError(`--platform ${platform}: not a platform of mcconfig`);
  }
  const out = resolve(outArgument);
  checkFolder(out, outArgument);
  const manifest = optionalText(values, "manifest");
  if (manifest !== undefined) checkApplication(resolve(manifest), manifest, out);
  const options: ProvisionOptions = {
    thingName,
    endpoint: text("endpoint"),
    port: optionalInteger(values, "port", { min: 1, max: 65535 }),
    dnsServers: listOf(optionalText(values, "dns")),
    timeServers: listOf(optionalText(values, "sntp")),
    certificatePem: readText(certFile),
    keyPem: readText(keyFile),
    rootPem: rootFile === undefined ? undefined : readText(rootFile),
    out,
    project: PROJECT,
    cwd: process.cwd(),
    platform,
    manifest: manifest === undefined ? undefined : resolve(manifest),
    names: { certificate: certFile, key: keyFile, root: rootFile ?? "" },
  };
  return { provisioned: usageWhenThrown(() => provision(options), ProvisionError), out };
}

/** With commas or spaces between its members. */
function listOf(text = ""): string[] {
  return text.split(/[\s,]+/).filter((member) => member !== "");
}

/** Another manifest, such as the project's own, is not overwritten. */
function checkFolder(out: string, argument: string): void {
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new UsageError(`--out ${argument} is not a folder`);
  }
  const manifest = join(out, MANIFEST_FILE);
  if (statSync(manifest, { throwIfNoEntry: false }) === undefined) return;
  if (!isProvisionedManifest(readFileSync(manifest, "utf8"))) {
    throw new UsageError(`--out ${argument} already has a ${MANIFEST_FILE} that provisioning did not write`);
  }
}

/** It is included by the manifest that is written, and must be there before it. */
function checkApplication(path: string, argument: string, out: string): void {
  if (path === join(out, MANIFEST_FILE)) throw new UsageError(`--manifest ${argument} is the file to be written`);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(`--manifest ${argument} is not a file`);
  }
}

function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_INPUT_BYTES) throw new UsageError(`${file} is too large for a certificate or key`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read: ${codeOf(error)}`);
  }
}

/**
 * Each file appears whole or not at all, in a folder that is closed to others; the manifest, which names them, comes
 * last.
 */
function writeFiles(out: string, files: readonly ProvisionedFile[]): void {
  let temporary = "";
  try {
    makePrivateFolder(out);
    for (const { name, bytes, secret } of files) {
      temporary = join(out, `.${basename(name)}.${process.pid}`);
      writeFileSync(temporary, bytes, { mode: secret ? PRIVATE_FILE : PUBLIC_FILE, flag: "wx" });
      renameSync(temporary, join(out, name));
    }
    // A root of an earlier run would be in the folder, but no longer in the manifest.
    if (!files.some(({ name }) => name === ROOT_FILE)) rmSync(join(out, ROOT_FILE), { force: true });
  } catch (error) {
    if (temporary !== "") rmSync(temporary, { force: true });
    throw cannotWrite(out, error);
  }
}
