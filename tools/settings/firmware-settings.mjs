// @ts-check
/**
 * Run by make, within mcconfig's own build for the ESP32 (see make.esp32.mk beside it): writes sdkconfig and partition
 * table of the build whose folder is given, or ends it. Plain JavaScript without packages, because an application that
 * includes this project has installed none of them.
 *
 * Usage: node firmware-settings.mjs --build FOLDER
 *
 * Exit code: 0, 1 when the build must not go on, 2 for wrong arguments.
 */
import { readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSettings, TABLE_FILE } from "./build-settings.mjs";

/** This project's folder. */
const LIBRARY = realpathSync(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const SETTINGS_FILE = "sdkconfig.fota";

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * @param {string} path
 * @throws Error that names it
 */
function required(path) {
  const text = readText(path);
  if (text === undefined) throw new Error(`${path} cannot be read; mcconfig writes it`);
  return text;
}

/**
 * Reads what `mcconfig` has written into the folder of a build.
 * @param {string} folder
 * @throws Error when it is no folder of a build for the ESP32
 */
export function settingsOfBuild(folder) {
  const project = readdirSync(folder).find((name) => name.startsWith("xsProj-"));
  if (project === undefined) throw new Error(`${folder} is no build for the ESP32`);
  const settings = buildSettings({
    makefile: required(join(folder, "makefile")),
    manifest: required(join(folder, "manifest_flat.json")),
    generated: required(join(folder, project, "sdkconfig.mc")),
    library: LIBRARY,
    read: readText,
    environment: process.env,
  });
  return { settings, project: join(folder, project) };
}

/**
 * ESP-IDF configures itself again whenever the file is newer, which takes a minute.
 * @param {string} path
 * @param {string} text
 */
function writeIfChanged(path, text) {
  if (readText(path) !== text) writeFileSync(path, text);
}

/** @param {readonly string[]} argv */
function main(argv) {
  const [option, folder, ...more] = argv;
  if (option !== "--build" || folder === undefined || more.length > 0) {
    process.stderr.write("usage: node firmware-settings.mjs --build FOLDER\n");
    return 2;
  }
  const { settings, project } = settingsOfBuild(folder);
  for (const note of settings.notes) process.stderr.write(`# aws-fota: note: ${note}\n`);
  for (const { text } of settings.problems) process.stderr.write(`aws-fota: ${text}\n`);
  if (settings.problems.length > 0) return 1;
  writeIfChanged(join(project, TABLE_FILE), settings.partitions);
  writeIfChanged(join(project, SETTINGS_FILE), settings.sdkconfig);
  const { version, flashMegabytes, table, slotSize } = settings;
  process.stdout.write(
    `# aws-fota: version ${version}, flash of ${flashMegabytes} MB, table ${table}, slots of ${slotSize} bytes\n`,
  );
  return 0;
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1] ?? "")).href) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`aws-fota: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
