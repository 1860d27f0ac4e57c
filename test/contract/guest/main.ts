/** The contract as an application: on host-sim it is the firmware, in Moddable's simulator the `main` module. */
import FFI from "mc/ffi";
import { CLOCK_1970, clock1970Contract } from "./clock-1970-contract.js";
import { cryptoContract } from "./crypto-contract.js";
import { dnsContract } from "./dns-contract.js";
import { globalsContract } from "./globals-contract.js";
import { type Program, runAll } from "./harness.js";
import { httpConnectionContract } from "./http-connection-contract.js";
import { httpContract } from "./http-contract.js";
import { mqttContract } from "./mqtt-contract.js";
import { preferenceContract } from "./preference-contract.js";
import { refusalContract } from "./refusal-contract.js";
import { group } from "./settings.js";
import { strictTlsContract } from "./strict-tls-contract.js";
import { tcpContract } from "./tcp-contract.js";
import { timerContract } from "./timer-contract.js";
import { tlsContract } from "./tls-contract.js";

const programs: readonly Program[] = [
  ...globalsContract,
  ...timerContract,
  ...cryptoContract,
  ...preferenceContract,
  ...dnsContract,
  ...tcpContract,
  ...httpContract,
  ...httpConnectionContract,
  ...mqttContract,
  ...tlsContract,
  ...strictTlsContract,
  // Last: it registers a root for good.
  ...refusalContract,
  ...clock1970Contract,
];

// The Linux simulator dies of SIGPIPE when it writes to a connection that the peer reset; elsewhere the function does
// not exist.
const native: Record<string, unknown> = { ...new FFI() };
const { ignore_sigpipe: ignoreSigpipe } = native;
if (typeof ignoreSigpipe === "function") ignoreSigpipe();

runAll(programs.filter(({ name }) => (group === undefined ? !name.startsWith(CLOCK_1970) : name.startsWith(group))));
