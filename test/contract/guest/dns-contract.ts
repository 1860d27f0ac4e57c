import type { Program } from "./harness.js";
import { DNSResolver, UDP } from "./sdk.js";
import { dnsServers } from "./settings.js";

function resolver() {
  return new DNSResolver({ servers: ["127.0.0.1"], socket: { io: UDP } });
}

/** Asks the two servers for a name. */
function asks(name: string, host: string, expected: string, leastMs = 0): Program {
  return {
    name: `dns: ${name}`,
    run(check) {
      const dns = new DNSResolver({ servers: dnsServers, socket: { io: UDP } });
      check.cleanup(() => dns.close());
      let waited = false;
      check.after(leastMs, () => {
        waited = true;
      });
      const answered = (answer: unknown) => {
        check.equal(answer, expected, "answer");
        check.ok(leastMs === 0 || waited, "not before the other server was given its second");
        check.done();
      };
      dns.resolve({
        host,
        onResolved: check.callback((_host: unknown, address: unknown) => answered(address)),
        onError: check.callback(() => answered("none")),
      });
    },
  };
}

const withServers: readonly Program[] = [
  asks("the second of its servers is asked first", "order.test", "10.0.0.2"),
  asks("a server that says nothing has the next one asked after a second", "silent.test", "10.0.0.1", 700),
  asks("an answer that there is no such name ends the look-up, though others were not asked", "unknown.test", "none"),
];

export const dnsContract: readonly Program[] = [
  ...(dnsServers.length > 0 ? withServers : []),
  {
    name: "dns: an address is answered with itself on a later turn",
    run(check) {
      let returned = false;
      const dns = resolver();
      check.cleanup(() => dns.close());
      dns.resolve({
        host: "10.1.2.3",
        onResolved: check.callback((host: unknown, address: unknown) => {
          check.ok(returned, "later");
          check.equal(host, "10.1.2.3", "host");
          check.equal(address, "10.1.2.3", "address");
          check.done();
        }),
      });
      returned = true;
    },
  },
  {
    name: "dns: localhost is answered as 127.0.0.1, name and address both",
    run(check) {
      const dns = resolver();
      check.cleanup(() => dns.close());
      dns.resolve({
        host: "localhost",
        onResolved: check.callback((host: unknown, address: unknown) => {
          check.equal(host, "127.0.0.1", "host");
          check.equal(address, "127.0.0.1", "address");
          check.done();
        }),
      });
    },
  },
  {
    name: "dns: refuses a request without host, without callbacks and after close",
    run(check) {
      const dns = resolver();
      check.throws(() => dns.resolve({ onResolved() {} }), "Error", "", "no host");
      check.throws(() => dns.resolve({ host: "x.test" }), "Error", "", "no callbacks");
      dns.close();
      check.throws(() => dns.resolve({ host: "10.1.2.3", onResolved() {} }), "Error", "", "closed");
      check.done();
    },
  },
  {
    name: "dns: nothing is answered after close",
    run(check) {
      const dns = resolver();
      let answers = 0;
      const count = () => {
        answers += 1;
      };
      dns.resolve({ host: "10.1.2.3", onResolved: count, onError: count });
      dns.close();
      check.after(100, () => {
        check.equal(answers, 0, "answers");
        check.done();
      });
    },
  },
];
