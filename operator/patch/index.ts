export { FRAME_LENGTH, HEADER_LENGTH, PatchError, type PatchHeader, readHeader as readPatch } from "./format.js";
export { applyPatch, type Inspection, inspectPatch, type PatchFrame } from "./inspect-patch.js";
export { makePatch, type PatchImages } from "./make-patch.js";
