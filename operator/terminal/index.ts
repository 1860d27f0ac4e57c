/** How results look in a terminal. */
export { bar, bytesText, spanText } from "./bar.js";
export { cleanScreen, processScreen, type Screen } from "./screen.js";
export { watchSilence } from "./silence.js";
export { table } from "./table.js";
