/** Certificates for tests: an authority of one's own, servers and devices of it. RSA-2048 throughout. */
export { type Identity, type Issuer, issueAuthority, issueDevice, issueServer } from "./issue.js";
