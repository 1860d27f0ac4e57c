import { CLOCK_CASES, TLS_CASES } from "./support/dns-tls-cases.js";
import { faultSuite } from "./support/fault-cases.js";

faultSuite("TLS", TLS_CASES);
faultSuite("clock", CLOCK_CASES);
