// @ts-check
/** The text of sdkconfig files, read as ESP-IDF's Kconfig reads it, and laid over each other. */

/**
 * One setting as a file has it.
 * @typedef {object} Assignment
 * @property {string} name without `CONFIG_`
 * @property {string} value as written; "n" for what is switched off, in whichever way it is said
 * @property {string} file where it stands
 * @property {number} line from 1
 */

/**
 * Settings by name. The order is that of the last assignment: of a choice, Kconfig takes the one that was assigned
 * last.
 * @typedef {ReadonlyMap<string, Assignment>} Settings
 */

const ASSIGNMENT = /^CONFIG_(\w+)=(y|n|m|-?\d+|0[xX][0-9a-fA-F]+|"(?:[^"\\]|\\.)*"|)$/;
const NOT_SET = /^# CONFIG_(\w+) is not set$/;

/**
 * A line that is neither a setting nor a comment is in `malformed`: Kconfig would pass over it with a warning that
 * nobody sees.
 * @param {string} text
 * @param {string} file
 * @returns {{ assignments: Assignment[], malformed: { line: number, text: string }[] }}
 */
export function readSdkconfig(text, file) {
  /** @type {Assignment[]} */
  const assignments = [];
  /** @type {{ line: number, text: string }[]} */
  const malformed = [];
  text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\r|\n/)
    .forEach((untrimmed, index) => {
      const line = index + 1;
      const trimmed = untrimmed.trim();
      const off = NOT_SET.exec(trimmed);
      const [, name, value] = off === null ? (ASSIGNMENT.exec(trimmed) ?? []) : [undefined, off[1], "n"];
      if (name !== undefined) assignments.push({ name, value: value ? value : "n", file, line });
      else if (trimmed !== "" && !trimmed.startsWith("#")) malformed.push({ line, text: trimmed });
    });
  return { assignments, malformed };
}

/**
 * Lays files over each other, setting by setting; the last one wins, and so does the last line of a file.
 * @param {readonly (readonly Assignment[])[]} layers from bottom to top
 * @returns {Map<string, Assignment>}
 */
export function layOver(layers) {
  /** @type {Map<string, Assignment>} */
  const settings = new Map();
  for (const assignment of layers.flat()) {
    settings.delete(assignment.name);
    settings.set(assignment.name, assignment);
  }
  return settings;
}

/**
 * The value of a choice: the member that was switched on last; `undefined` when none is on.
 * @param {Settings} settings
 * @param {readonly string[]} members
 */
export function chosenOf(settings, members) {
  const on = [...settings.values()].filter(({ name, value }) => value === "y" && members.includes(name));
  return on.at(-1)?.name;
}

/**
 * The text inside the quotation marks of a value.
 * @param {string} value
 */
export function unquoted(value) {
  return value.replace(/^"(.*)"$/, "$1").replace(/\\(.)/g, "$1");
}

/**
 * @param {Settings} settings
 * @param {string} heading a comment for the first line
 */
export function sdkconfigText(settings, heading) {
  const lines = [...settings.values()].map(({ name, value }) => `CONFIG_${name}=${value}`);
  return [`# ${heading}`, ...lines, ""].join("\n");
}
