import type { Program } from "./harness.js";
import { Preference } from "./sdk.js";

const DOMAIN = "contract";

export const preferenceContract: readonly Program[] = [
  {
    name: "preference: keeps strings, integers, booleans and buffers",
    run(check) {
      check.cleanup(() => {
        for (const key of ["text", "number", "flag", "bytes"]) Preference.delete(DOMAIN, key);
      });
      Preference.set(DOMAIN, "text", '{"a":"\u00e9"}');
      Preference.set(DOMAIN, "number", -7);
      Preference.set(DOMAIN, "flag", true);
      Preference.set(DOMAIN, "bytes", Uint8Array.of(0, 255, 1).buffer);
      check.equal(Preference.get(DOMAIN, "text"), '{"a":"\u00e9"}', "text");
      check.equal(Preference.get(DOMAIN, "number"), -7, "number");
      check.equal(Preference.get(DOMAIN, "flag"), true, "flag");
      check.equal(Preference.get(DOMAIN, "bytes"), Uint8Array.of(0, 255, 1).buffer, "bytes");
      check.done();
    },
  },
  {
    name: "preference: what is absent or deleted is undefined",
    run(check) {
      check.equal(Preference.get(DOMAIN, "absent"), undefined, "absent");
      Preference.set(DOMAIN, "text", "x");
      Preference.delete(DOMAIN, "text");
      Preference.delete(DOMAIN, "text");
      check.equal(Preference.get(DOMAIN, "text"), undefined, "deleted");
      check.done();
    },
  },
];
