import { File } from "file";
import { checkStoreNames, checkStoreText, type TextStore } from "foundation/text-store";
import { stateFolder } from "./state-folder.js";

/**
 * A {@link TextStore} in a file of its own. The simulator's preferences are one file that is deleted and then written
 * anew, so that ending the simulator between the two loses everything in it; this one is replaced by renaming.
 *
 * @throws RangeError for a domain or key that NVS would not take; `write` throws it for a text that is too long.
 */
export function openStore(domain: string, key: string): TextStore {
  checkStoreNames(domain, key);
  const path = `${stateFolder()}${domain}.${key}.txt`;
  return {
    read() {
      if (!File.exists(path)) return undefined;
      const file = new File(path);
      try {
        return file.read(String);
      } finally {
        file.close();
      }
    },
    write(text) {
      checkStoreText(text);
      const unfinished = `${path}.new`;
      File.delete(unfinished);
      const file = new File(unfinished, true);
      try {
        file.write(text);
      } finally {
        file.close();
      }
      if (!File.rename(unfinished, path)) throw new Error(`${path} cannot be replaced`);
    },
    remove() {
      File.delete(path);
    },
  };
}
