/**
 * The project's commands: `npm start`, `npm run image`, `cloud`, `device`, `keygen`, `sign`, `patch`, `publish`,
 * `provision`, `replay`, `soak`. Each has a page of its own, `--help`.
 * A mistake of the caller is one line on standard error and exit code 2; nothing is touched then.
 */
import { nearestWord } from "./command-line/index.js";

type Command = (argv: readonly string[]) => Promise<number>;

/** Loaded when called for: the local cloud and the compiler take a moment to load. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./commands/start.js")).runStart,
  image: async () => (await import("./commands/image.js")).runImage,
  device: async () => (await import("./commands/device.js")).runDevice,
  cloud: async () => (await import("./commands/cloud.js")).runCloud,
  keygen: async () => (await import("./commands/keygen.js")).runKeygen,
  sign: async () => (await import("./commands/sign.js")).runSign,
  patch: async () => (await import("./commands/patch.js")).runPatch,
  publish: async () => (await import("./commands/publish.js")).runPublish,
  provision: async () => (await import("./commands/provision.js")).runProvision,
  replay: async () => (await import("./commands/replay.js")).runReplay,
  soak: async () => (await import("./commands/soak.js")).runSoak,
};

const [name = "", ...argv] = process.argv.slice(2);
const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (load === undefined) {
  const names = Object.keys(COMMANDS);
  const nearest = nearestWord(name, names);
  const hint = nearest === undefined ? `there are: ${names.join(", ")}` : `did you mean ${nearest}?`;
  process.stderr.write(`unknown command "${name}"; ${hint}\n`);
  process.exit(2);
}
const command = await load();
process.exitCode = await command(argv);
