/** What no rule can know of a manifest's modules, each with its reason. */

/**
 * Where the specifiers of a folder do not follow its path: its files stand in for a neutral specifier, or are the
 * application's own.
 */
export const PREFIXES: Readonly<Record<string, string>> = {
  "modules/device-ports/esp32": "device-ports/",
  "modules/device-ports/sim": "device-ports/",
  src: "",
  "src/esp32": "",
  "src/sim": "",
};

const PREFERENCES =
  "leads to the SDK's preferences, which are native on the ESP32, whose manifest preloads it, and a program with state in the desktop simulators";

/** Modules that the manifest which lists them leaves out of `preload`: manifest, specifier, reason. */
export const NOT_PRELOADED: readonly (readonly [manifest: string, specifier: string, reason: string])[] = [
  ["manifest.json", "main", "is the program: it runs at the start"],
  ["manifest.json", "device-config", PREFERENCES],
  ["manifest.json", "settings", PREFERENCES],
  ["modules/device-ports/manifest.json", "device-ports/index", PREFERENCES],
  [
    "modules/device-ports/sim/manifest.json",
    "device-ports/slots",
    "prepares the process and its files when it is loaded",
  ],
];
