import { DNS_CASES } from "./support/dns-tls-cases.js";
import { faultSuite } from "./support/fault-cases.js";

faultSuite("DNS", DNS_CASES);
