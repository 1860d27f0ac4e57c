/** How results look in a terminal. */
export { bar, bytesText, spanText } from "./bar.js";
export { clean } from "./clean.js";
export { processScreen, type Screen } from "./screen.js";
export { table } from "./table.js";
