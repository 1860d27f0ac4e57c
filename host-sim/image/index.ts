export { type ConfigValue, type FirmwareArchive, packFirmware, unpackFirmware } from "./archive.js";
export { evaluatedModules, importedSpecifier, valueImports } from "./evaluated-modules.js";
export {
  buildFirmwareImage,
  compileFirmware,
  type FirmwareOptions,
  type ImageOptions,
  imageOf,
} from "./firmware-image.js";
export { type BuildPlan, ManifestError, readManifests } from "./manifest.js";
