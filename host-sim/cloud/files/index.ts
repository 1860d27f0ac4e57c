/** Files with keys in them: nobody but their owner reads them, from the moment they are made. */
export { readTextIfPresent, writeFileAtomically } from "./atomic-file.js";
export { makePrivateFile, makePrivateFolder, PRIVATE_FILE, PRIVATE_FOLDER } from "./private.js";
