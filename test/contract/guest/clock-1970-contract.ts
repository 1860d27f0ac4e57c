/** Run on a machine whose clock was never set: every certificate is of the future. */
import { type Check, messageOf, nameOf, type Program } from "./harness.js";
import { Resource, roots, TLSSocket } from "./sdk.js";
import { LOCAL, ports } from "./settings.js";
import { STRICT_DOMAIN } from "./strict-cases.js";

/** The host that runs these asks for them by name; in an ordinary run they would fail. */
export const CLOCK_1970 = "clock-1970";

function open(check: Check, label: string, onError: () => void, secure: object = {}) {
  const socket = new TLSSocket({
    address: LOCAL,
    host: `${label}.${STRICT_DOMAIN}`,
    port: ports.strict,
    TCP: { io: check.GuardedTCP },
    secure,
    onWritable: check.callback(() => check.ok(false, "writable")),
    onError: check.callback(onError),
  });
  check.cleanup(() => socket.close());
}

export const clock1970Contract: readonly Program[] = [
  {
    name: `${CLOCK_1970}: the clock says so`,
    run(check) {
      check.equal(new Date().getUTCFullYear(), 1970, "year");
      check.done();
    },
  },
  ...["plain", "cross-signed", "alone"].map(
    (label): Program => ({
      name: `${CLOCK_1970}: refuses a sound server (${label}) with the reason date`,
      run(check) {
        roots.register(new Resource("strict-root.der"));
        open(check, label, () => {
          const [first = "none"] = check.escaped;
          check.ok(first.startsWith("TlsRefusal: date: "), first);
          check.done();
        });
      },
    }),
  ),
  {
    name: `${CLOCK_1970}: refuses a root of one connection at once`,
    run(check) {
      let thrown: unknown;
      try {
        open(check, "plain", () => {}, { certificate: new Resource("strict-root.der") });
      } catch (error) {
        thrown = error;
      }
      check.equal(nameOf(thrown), "TlsRefusal", "class");
      check.ok(messageOf(thrown).startsWith("date: "), messageOf(thrown));
      check.done();
    },
  },
];
