import assert from "node:assert/strict";
import { VIRTUAL_START_MS } from "../../../host-sim/board/index.js";
import { DHCP_NAME_SERVER, TLS_FAILURES } from "../../../host-sim/board/network/index.js";
import { MQTT_HOST, S3_HOST } from "../../../host-sim/world/virtual-cloud.js";
import type { FaultCase } from "./fault-cases.js";
import { RAW_HOST, RAW_URL, rawServer } from "./raw-server.js";
import { HOUR, MINUTE, type Scenario, SECOND } from "./scenario.js";

const DAY_MS = 86_400_000;

/** For a while from the first question on, no server has an answer. */
const resolveFault = (host: string, fate: "fail" | "silence", lastsMs: number) => (run: Scenario) => {
  let end: number | undefined;
  run.faults = {
    resolve: (name) => {
      if (name !== host) return undefined;
      end ??= run.now + lastsMs;
      return run.now < end ? fate : undefined;
    },
  };
};

/** What each question of a run went to. */
function questions(run: Scenario, answer: (server: string, host: string) => "fail" | "silence" | undefined): string[] {
  const asked: string[] = [];
  run.faults = {
    resolve: (host, server) => {
      asked.push(server);
      return answer(server, host);
    },
  };
  return asked;
}

export const DNS_CASES: readonly FaultCase[] = Object.freeze([
  {
    fault: "broker's name not found for ten seconds",
    reaction: "tries again with growing pauses",
    code: "mqtt: dns: ",
    ends: "SUCCEEDED",
    arrange: resolveFault(MQTT_HOST, "fail", 10_000),
  },
  {
    fault: "no answer to the look-up of the broker",
    reaction: "three servers in turn, gives up after 30 s and tries again",
    code: "mqtt: dns: ",
    ends: "SUCCEEDED",
    arrange: resolveFault(MQTT_HOST, "silence", MINUTE),
  },
  {
    fault: "file server's name not found for ten seconds",
    reaction: "tries again with growing pauses",
    code: "dns",
    ends: "SUCCEEDED",
    arrange: resolveFault(S3_HOST, "fail", 10_000),
  },
  {
    fault: "no answer to the look-up of the file server",
    reaction: "three servers in turn, gives up after 30 s and tries again",
    code: "dns",
    ends: "SUCCEEDED",
    arrange: resolveFault(S3_HOST, "silence", MINUTE),
  },
  {
    fault: "a firewall that lets through the DNS server of DHCP alone",
    reaction: "that one is asked first, and is enough",
    code: "-",
    ends: "SUCCEEDED",
    options: { off: true },
    arrange: (run) => {
      const asked = questions(run, (server) => (server === DHCP_NAME_SERVER ? undefined : "silence"));
      run.world.board.powerOn();
      run.untilTraced("mqtt: connected", 5_000);
      assert.deepEqual(new Set(asked), new Set([DHCP_NAME_SERVER]));
    },
  },
  {
    fault: "a DNS server of DHCP that does not answer",
    reaction: "the next one is asked a second later",
    code: "-",
    ends: "SUCCEEDED",
    options: { off: true },
    arrange: (run) => {
      const asked = questions(run, (server) => (server === DHCP_NAME_SERVER ? "silence" : undefined));
      run.world.board.powerOn();
      run.untilTraced("mqtt: connected", 5_000);
      assert.deepEqual(asked, [DHCP_NAME_SERVER, "1.1.1.1"]);
    },
  },
  {
    fault: "a DNS server of DHCP that knows no name",
    reaction: "the next one is asked before the name counts as unknown",
    code: "-",
    ends: "SUCCEEDED",
    options: { off: true },
    arrange: (run) => {
      const asked = questions(run, (server) => (server === DHCP_NAME_SERVER ? "fail" : undefined));
      run.world.board.powerOn();
      run.untilTraced("mqtt: connected", 5_000);
      assert.deepEqual(asked, [DHCP_NAME_SERVER, "1.1.1.1"]);
    },
  },
  {
    fault: "no DNS server from DHCP",
    reaction: "public ones are asked",
    code: "-",
    ends: "SUCCEEDED",
    options: { off: true },
    arrange: (run) => {
      run.world.cloud.network.nameServers = [];
      const asked = questions(run, () => undefined);
      run.world.board.powerOn();
      run.untilTraced("mqtt: connected", 5_000);
      assert.deepEqual(asked, ["1.1.1.1"]);
    },
  },
  {
    fault: "configured DNS servers, while that of DHCP does not answer",
    reaction: "asked behind it and before public ones",
    code: "-",
    ends: "SUCCEEDED",
    options: { off: true, config: { dnsServers: "192.0.2.9, 192.0.2.10" } },
    arrange: (run) => {
      const asked = questions(run, (server) => (server === "192.0.2.10" ? undefined : "silence"));
      run.world.board.powerOn();
      run.untilTraced("mqtt: connected", 5_000);
      assert.deepEqual(asked, [DHCP_NAME_SERVER, "192.0.2.9", "192.0.2.10"]);
    },
  },
  {
    fault: "file server's name does not exist",
    reaction: "8 attempts, then the job ends",
    code: "retries-exhausted",
    ends: "FAILED",
    publication: { document: { location: { url: "https://no-such-host.example.net/image.bin" } } },
    check: (run) => assert.match(run.details().detail ?? "", /last dns: .*https:\/\/no-such-host\.example\.net/),
  },
  {
    fault: "file server's name leads into a local network, twice",
    reaction: "not connected to; tries again with growing pauses",
    code: "dns",
    ends: "SUCCEEDED",
    publication: { document: { location: { url: RAW_URL } } },
    arrange: async (run) => {
      const image = await run.image(SECOND);
      const serveAt = (address: string) => rawServer(run, (_, reply) => reply.serve(image), RAW_HOST, address);
      const requests = serveAt("192.168.4.1");
      let lookups = 0;
      run.faults = {
        resolve: (name) => {
          if (name === RAW_HOST) lookups += 1;
          if (lookups === 3) serveAt("198.51.100.7");
          assert.equal(requests.length, 0);
          return undefined;
        },
      };
    },
    check: (run) => assert.equal(run.traced("host name leads into a local network").length, 2),
  },
] satisfies FaultCase[]);

const tlsFault = (host: string, tlsFailure: string, times: number) => (run: Scenario) => {
  let left = times;
  run.faults = { connect: (attempt) => (attempt.host === host && left-- > 0 ? { tlsFailure } : undefined) };
};

/** A file server with this certificate, instead of the bucket. */
const serverWith =
  (certificate: { names?: string[]; notBefore?: number; notAfter?: number; trusted?: boolean }) => (run: Scenario) => {
    const now = VIRTUAL_START_MS;
    const valid = { names: [RAW_HOST], notBefore: now - DAY_MS, notAfter: now + DAY_MS };
    run.world.cloud.network.listen(RAW_HOST, 443, () => assert.fail("a connection that must not stand"), {
      certificate: { ...valid, ...certificate },
    });
  };

const refused = (fault: string, certificate: Parameters<typeof serverWith>[0], text: RegExp): FaultCase => ({
  fault: `file server with ${fault}`,
  reaction: "no byte is sent; 8 attempts, then the job ends",
  code: "retries-exhausted",
  ends: "FAILED",
  publication: { document: { location: { url: RAW_URL } } },
  arrange: serverWith(certificate),
  check: (run) => assert.match(run.details().detail ?? "", text),
});

const MQTT_TLS_FAILURES: readonly (readonly [string, string])[] = [
  ["no known root", "certificate: no chain to a trusted root"],
  ["another name", "name: the certificate names router.lan, not this host"],
  ["a certificate out of its time", "date: not valid by the clock"],
  ["a signature that is wrong", "signature: not signed by its issuer"],
  ["a fatal alert", "protocol: alert: handshake_failure"],
];

export const TLS_CASES: readonly FaultCase[] = Object.freeze([
  ...MQTT_TLS_FAILURES.map(
    ([what, text]): FaultCase => ({
      fault: `broker with ${what}`,
      reaction: "no packet is sent; tries again with growing pauses",
      code: "tls",
      ends: "SUCCEEDED",
      arrange: tlsFault(MQTT_HOST, text, 3),
      check: (run) => assert.ok(run.traced(text).length >= 3),
    }),
  ),
  refused("no known root", { trusted: false }, /last tls: certificate: no chain/),
  refused("another name", { names: ["other.example.net"] }, /last tls: name: /),
  refused("an expired certificate", { notAfter: VIRTUAL_START_MS - 1 }, /last tls: date: /),
  refused("a certificate of the future", { notBefore: VIRTUAL_START_MS + DAY_MS / 2 }, /last tls: date: /),
  {
    fault: "a captive portal or proxy that answers TLS with HTTP",
    reaction: "named as such; tries again with growing pauses",
    code: "HTTP in the place of TLS",
    ends: "SUCCEEDED",
    options: { off: true },
    arrange: (run) => {
      const { network } = run.world.cloud;
      run.faults = { connect: () => ({ tlsFailure: TLS_FAILURES.http }) };
      run.world.board.powerOn();
      run.untilTraced("mqtt: tls: protocol: HTTP in the place of TLS", MINUTE);
      run.faults = {};
      assert.equal(network.openConnections, 0);
    },
  },
  {
    fault: "a router that answers everything with a certificate of its own",
    reaction: "no byte is sent; the router is named",
    code: "retries-exhausted",
    ends: "FAILED",
    publication: { document: { location: { url: RAW_URL } } },
    arrange: serverWith({ names: ["router.lan"] }),
    check: (run) => assert.match(run.details().detail ?? "", /last tls: name: the certificate names router\.lan, not/),
  },
  {
    fault: "file server that speaks no TLS",
    reaction: "8 attempts, then the job ends",
    code: "retries-exhausted",
    ends: "FAILED",
    publication: { document: { location: { url: RAW_URL } } },
    arrange: (run) => void run.world.cloud.network.listen(RAW_HOST, 443, () => assert.fail("not reached")),
    check: (run) => assert.match(run.details().detail ?? "", /last tls: protocol: /),
  },
  {
    fault: "TLS fails in mid-download, then works again",
    reaction: "tries again, goes on at the same byte",
    code: "tls",
    ends: "SUCCEEDED",
    arrange: (run) => run.world.cloud.httpFaults.add({ cutAfterBytes: 160_000 }),
    act: (run) => {
      run.untilLoaded(100_000);
      tlsFault(S3_HOST, "protocol: alert: internal_error", 2)(run);
    },
    check: (run) => assert.ok((run.wire.offsets.at(-1) ?? 0) > 90_000),
  },
  {
    fault: "URL without TLS",
    reaction: "refused before anything is sent",
    code: "insecure-url",
    ends: "REJECTED",
    publication: { document: { location: { url: "http://files.example.net/image.bin" } } },
    check: (run) => assert.equal(run.wire.requests.length, 0),
  },
  ...[
    ["into the local network", "https://192.168.1.1/image.bin"],
    ["to the cloud's metadata", "https://169.254.169.254/latest"],
    ["to the device itself", "https://localhost:8443/image.bin"],
    ["to an IPv6 address", "https://[::ffff:10.0.0.1]/image.bin"],
    ["to an address in another spelling", "https://0x7f.1/image.bin"],
  ].map(
    ([where, url]): FaultCase => ({
      fault: `URL that leads ${where}`,
      reaction: "refused before anything is sent",
      code: "host-refused",
      ends: "REJECTED",
      publication: { document: { location: { url } } },
      check: (run) => {
        assert.equal(run.wire.requests.length, 0);
        assert.equal(run.details().detail, "a server that may not be asked");
      },
    }),
  ),
] satisfies FaultCase[]);

export const CLOCK_CASES: readonly FaultCase[] = Object.freeze([
  {
    fault: "clock at 1970 after power on, time server answers",
    reaction: "no TLS before the clock is set",
    code: "-",
    ends: "SUCCEEDED",
    check: (run) => assert.deepEqual(run.traced("network: date: "), []),
  },
  {
    fault: "clock at 1970, no time server for 20 minutes",
    reaction: "asks for the time again and again, does not connect without it",
    code: "no time from",
    ends: "SUCCEEDED",
    arrange: (run) => {
      run.world.cloud.network.timeError = undefined;
    },
    act: (run) => {
      run.pass(20 * MINUTE);
      assert.equal(run.world.board.counters.connections, 0);
      run.world.cloud.network.timeError = 0;
    },
  },
  {
    fault: "no time server in the self-test of a new image",
    reaction: "goes on with the time of day that a restart keeps",
    code: "going on with the last known time",
    ends: "SUCCEEDED",
    act: (run) => {
      run.untilState("testing");
      run.world.cloud.network.timeError = undefined;
    },
  },
  {
    fault: "UDP port 123 blocked after power on, on a board that had the time before",
    reaction: "goes on with the last known time, and asks again",
    code: "UDP port 123 may be blocked; going on with the last known time",
    ends: "SUCCEEDED",
    arrange: (run) => {
      run.untilTraced("mqtt: connected");
      run.faults = { time: () => "silence" };
      run.world.board.powerCut();
      run.pass(HOUR);
      run.world.board.powerOn();
      run.untilTraced("mqtt: connected", MINUTE);
    },
    check: (run) => assert.deepEqual(run.traced("network: date: "), []),
  },
  {
    fault: "two of three time servers do not answer",
    reaction: "asks the third",
    code: "-",
    ends: "SUCCEEDED",
    options: { off: true },
    arrange: (run) => {
      const asked: string[] = [];
      run.faults = {
        time: (host) => {
          if (!asked.includes(host)) asked.push(host);
          return asked.length < 3 ? (asked.length === 1 ? "silence" : "fail") : undefined;
        },
      };
      run.world.board.powerOn();
      run.untilTraced("mqtt: connected", MINUTE);
      assert.deepEqual(asked, ["pool.ntp.org", "time.aws.com", "time.cloudflare.com"]);
    },
  },
  {
    fault: "clock an hour slow, presigned URL valid for ten minutes",
    reaction: "the URL's age counts from its arrival, not by the clock",
    code: "-",
    ends: "SUCCEEDED",
    publication: { urlExpiresInSec: 600 },
    arrange: (run) => {
      run.world.cloud.network.timeError = -60 * MINUTE;
    },
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "clock an hour fast, presigned URL valid for ten minutes",
    reaction: "the URL's age counts from its arrival, not by the clock",
    code: "-",
    ends: "SUCCEEDED",
    publication: { urlExpiresInSec: 600 },
    arrange: (run) => {
      run.world.cloud.network.timeError = 60 * MINUTE;
    },
    check: (run) => assert.equal(run.wire.requests.length, 1),
  },
  {
    fault: "clock two days slow: the server's certificate is of the future",
    reaction: "no TLS; tries again until the power goes off and on and the time server is right",
    code: "tls",
    ends: "SUCCEEDED",
    options: { off: true },
    arrange: (run) => {
      run.world.cloud.network.timeError = -2 * DAY_MS;
      run.world.board.powerOn();
    },
    act: (run) => {
      run.pass(10 * MINUTE);
      run.world.cloud.network.timeError = 0;
      run.world.board.powerCut();
      run.world.board.powerOn();
    },
  },
] satisfies FaultCase[]);
