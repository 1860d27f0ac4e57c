import assert from "node:assert/strict";
import type { ResolveRequest } from "../../modules/foundation/endpoint.js";
import { chainResolver, nameServers, PUBLIC_SERVERS } from "../../modules/foundation/name-servers.js";

describe("the DNS servers", () => {
  it("are those of DHCP, then the configured ones, then public ones", () => {
    assert.deepEqual(nameServers(["192.0.2.1"], ["192.0.2.2"]), ["192.0.2.1", "192.0.2.2", ...PUBLIC_SERVERS]);
    assert.deepEqual(nameServers([], []), PUBLIC_SERVERS);
  });

  it("are each there once, and four at most", () => {
    assert.deepEqual(nameServers(["8.8.8.8", "192.0.2.1"], ["192.0.2.1"]), ["8.8.8.8", "192.0.2.1", "1.1.1.1"]);
    const many = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
    assert.deepEqual(nameServers(many, ["192.0.2.4", "192.0.2.5"]), [...many, "192.0.2.4"]);
  });

  it("are IPv4 addresses alone: the SDK's resolver knows nothing else", () => {
    for (const server of ["fd00::1", "2001:db8::53", "0.0.0.0", "dns.example", "", "192.0.2"])
      assert.deepEqual(nameServers([server], [server]), PUBLIC_SERVERS, server);
  });
});

describe("a chain of DNS servers", () => {
  /** Resolvers as the SDK makes them, answered by hand. */
  function setUp(servers: readonly string[]) {
    const made: { servers: readonly string[]; request?: ResolveRequest; closed: boolean }[] = [];
    class Base {
      readonly #entry: (typeof made)[number];

      constructor(options: object) {
        assert.ok("servers" in options && Array.isArray(options.servers));
        this.#entry = { servers: options.servers.map(String), closed: false };
        made.push(this.#entry);
      }

      resolve(request: ResolveRequest): void {
        this.#entry.request = request;
      }

      close(): void {
        this.#entry.closed = true;
      }
    }
    const log: string[] = [];
    const Chain = chainResolver(Base, () => servers);
    const chain = new Chain({});
    const ask = () =>
      chain.resolve({
        host: "a.example",
        onResolved: (host, address) => log.push(`${host} ${address}`),
        onError: (host) => log.push(`no ${host}`),
      });
    return { made, log, chain, ask };
  }

  it("is given to the SDK's resolver so that the first is asked first: it begins with its second", () => {
    const { made, ask } = setUp(["1", "2", "3"]);
    ask();
    assert.deepEqual(made[0]?.servers, ["3", "1", "2"]);
  });

  it("answers as the SDK's resolver does", () => {
    const { made, log, ask } = setUp(["1", "2"]);
    ask();
    made[0]?.request?.onResolved?.("a.example", "192.0.2.7");
    assert.deepEqual(log, ["a.example 192.0.2.7"]);
    assert.ok(
      made.every(({ closed }) => closed),
      "nothing is left open",
    );
  });

  it("looks up with those behind the first when the answer is that there is no such name", () => {
    const { made, log, ask } = setUp(["1", "2", "3", "4"]);
    ask();
    for (const at of [0, 1]) made[at]?.request?.onError?.("a.example");
    assert.deepEqual(
      made.map(({ servers }) => servers.length),
      [4, 3, 2],
    );
    assert.deepEqual(log, []);
    made[2]?.request?.onError?.("a.example");
    assert.deepEqual(log, ["no a.example"], "three rounds are enough");
    assert.ok(made.every(({ closed }) => closed));
  });

  it("has two servers tried before a name counts as unknown, one where there is but one", () => {
    const two = setUp(["1", "2"]);
    two.ask();
    for (const at of [0, 1]) two.made[at]?.request?.onError?.("a.example");
    assert.deepEqual(two.log, ["no a.example"]);
    assert.deepEqual(two.made[1]?.servers, ["2"]);
    const one = setUp(["1"]);
    one.ask();
    one.made[0]?.request?.onError?.("a.example");
    assert.deepEqual(one.log, ["no a.example"]);
  });

  it("closes what is under way, and takes nothing afterwards", () => {
    const { made, chain, ask } = setUp(["1", "2"]);
    ask();
    chain.close?.();
    assert.ok(made[0]?.closed);
    assert.throws(ask);
  });
});
