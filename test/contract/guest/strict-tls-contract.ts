/**
 * The peer does what the host's first label says; see `strict-cases.ts`. A client that is talked into a session sends
 * what should stay secret.
 */
import displacedModules from "ssl/strict";
import type { Check, Program } from "./harness.js";
import { Resource, TLSSocket, text } from "./sdk.js";
import { LOCAL, ports } from "./settings.js";
import { STRICT_CASES, STRICT_DOMAIN, type StrictCase } from "./strict-cases.js";

const ROOT = "strict-root.der";
const PROTOCOL = "contract";

function open(check: Check, { label, root = ROOT }: StrictCase, onWritable: () => void, onError: () => void) {
  let written = false;
  const socket = new TLSSocket({
    address: LOCAL,
    host: `${label}.${STRICT_DOMAIN}`,
    port: ports.strict,
    TCP: { io: check.GuardedTCP },
    secure: { certificate: new Resource(root), applicationLayerProtocolNegotiation: PROTOCOL },
    onWritable: check.callback(() => {
      if (!written) onWritable();
      written = true;
    }),
    onReadable: check.callback(() => {
      check.equal(text.decode(socket.read()), "hello", "echo");
      check.equal(check.escaped.join(), "", "exceptions");
      check.done();
    }),
    onError: check.callback(onError),
  });
  check.cleanup(() => socket.close());
  return socket;
}

function accepts(wanted: StrictCase): Program {
  return {
    name: `strict-tls: accepts ${wanted.title}`,
    run(check) {
      const socket = open(
        check,
        wanted,
        () => socket.write(text.encode("hello")),
        () => check.ok(false, `refused: ${check.escaped.join()}`),
      );
    },
  };
}

function refuses(unwanted: StrictCase): Program {
  return {
    name: `strict-tls: refuses ${unwanted.title}`,
    run(check) {
      open(
        check,
        unwanted,
        () => check.ok(false, "writable"),
        () => {
          const [first = "none"] = check.escaped;
          if (unwanted.quiet && check.escaped.length === 0) return check.done();
          check.equal(first.split(":").slice(0, 2).join(":"), `TlsRefusal: ${unwanted.reason}`, `exception "${first}"`);
          check.equal(check.escaped.length, 1, "exceptions");
          check.done();
        },
      );
    },
  };
}

export const strictTlsContract: readonly Program[] = [
  {
    name: "strict-tls: its modules are those that TLS uses",
    run(check) {
      check.equal(displacedModules().join(), "", "displaced");
      check.done();
    },
  },
  ...STRICT_CASES.map((item) => (item.reason === undefined ? accepts(item) : refuses(item))),
];
