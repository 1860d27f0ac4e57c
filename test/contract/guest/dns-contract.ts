import type { Program } from "./harness.js";
import { DNSResolver, UDP } from "./sdk.js";

function resolver() {
  return new DNSResolver({ servers: ["127.0.0.1"], socket: { io: UDP } });
}

export const dnsContract: readonly Program[] = [
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
