export { FRAME_LENGTH, HEADER_LENGTH, PatchError, type PatchHeader, readHeader as readPatch } from "./format.js";
export { makePatch, type PatchImages } from "./make-patch.js";
