/**
 * A refusal as the firmware hears of it: through the SDK's clients, which drop the reasons of errors, up to the MQTT
 * session and the download.
 */
import { createEndpoints } from "../../../modules/device-ports/network-endpoints.js";
import { timer } from "../../../modules/device-ports/timer.js";
import { FotaDownload } from "../../../modules/fota-download/index.js";
import { MqttSession } from "../../../modules/mqtt-session/index.js";
import type { Check, Program } from "./harness.js";
import { Resource, roots, Time } from "./sdk.js";
import { LOCAL, ports } from "./settings.js";
import { STRICT_DOMAIN } from "./strict-cases.js";

/** Labels of `strict-cases.ts`, one for each reason. */
const HOSTS: Readonly<Record<string, string>> = {
  certificate: "missing-link",
  name: "wrong-name",
  date: "expired",
  signature: "forged-behind",
  protocol: "algorithm-0-0",
};

/** Every name leads to the peer. */
class LocalResolver {
  resolve(request: { host: string; onResolved(host: string, address: string): void }): void {
    timer.set(() => request.onResolved(request.host, LOCAL));
  }
  close(): void {}
}

function endpoints(exceptions: string[]) {
  // As `registerRootCertificates` does it. More than once is once.
  roots.register(new Resource("strict-root.der"));
  const made = createEndpoints({
    identity: { certificate: new Resource("client.der"), key: new Resource("client-key.der") },
    onException: (error) => exceptions.push(error instanceof Error ? error.message : String(error)),
  });
  const dns = { io: LocalResolver };
  return { mqtt: { ...made.mqtt, dns }, https: { ...made.https, dns } };
}

function expectReason(check: Check, reason: string, code: string, text: string, exceptions: readonly string[]): void {
  check.equal(code, "tls", `code of "${text}"`);
  check.ok(text.includes(`${reason}: `), `reason in "${text}"`);
  check.ok(exceptions[0]?.startsWith(`${reason}: `) === true, `traced "${exceptions.join()}"`);
  check.done();
}

function session(reason: string, label: string): Program {
  return {
    name: `refusal: the MQTT session says tls and ${reason}`,
    run(check) {
      const exceptions: string[] = [];
      const { mqtt } = endpoints(exceptions);
      const made = new MqttSession({ mqtt, timer, host: `${label}.${STRICT_DOMAIN}`, port: ports.strict, id: "x" });
      check.cleanup(() => made.close());
      made.observe({
        onConnected: check.callback(() => check.ok(false, "connected")),
        onDisconnected: check.callback((error) => expectReason(check, reason, error.code, error.message, exceptions)),
      });
      made.open();
    },
  };
}

function download(reason: string, label: string): Program {
  return {
    name: `refusal: the download says tls and ${reason}`,
    run(check) {
      const exceptions: string[] = [];
      const { https } = endpoints(exceptions);
      const made = new FotaDownload({
        https,
        timer,
        clock: { ticks: () => Time.ticks, now: () => Date.now() },
        random: () => 0,
        url: `https://${label}.${STRICT_DOMAIN}:${ports.strict}/secret?X-Amz-Signature=secret`,
        allowedHosts: [`*.${STRICT_DOMAIN}`],
        maxAttempts: 1,
        sink: { write() {} },
        onDone: check.callback(() => check.ok(false, "done")),
        onError: check.callback((error) => {
          check.ok(!error.message.includes("secret"), "no secret");
          expectReason(check, reason, error.reason, error.message, exceptions);
        }),
      });
      check.cleanup(() => made.close());
      made.start();
    },
  };
}

export const refusalContract: readonly Program[] = Object.entries(HOSTS).flatMap(([reason, label]) => [
  session(reason, label),
  download(reason, label),
]);
