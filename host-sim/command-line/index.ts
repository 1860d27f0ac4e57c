export {
  callOf,
  exitsOf,
  helpLines,
  isHelpAsked,
  type Manual,
  type OptionManual,
  type OptionManuals,
} from "./manual.js";
export { nearestWord } from "./nearest.js";
export {
  type OptionValues,
  optionalInteger,
  optionalText,
  parseOptions,
  parseOptionsAndArguments,
  parseOptionsAndFile,
  repeatedText,
  requiredText,
  UsageError,
  versionText,
} from "./options.js";
export {
  type CommandOutput,
  PROCESS_OUTPUT,
  type Running,
  reasonOf,
  runCommand,
  usageWhenThrown,
} from "./run-command.js";
export { Silence } from "./silence.js";
