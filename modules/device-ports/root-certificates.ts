import Resource from "Resource";
import CertificateManager from "ssl/cert";
import { rootFault } from "../strict-tls/index.js";
import { bytesOfDer } from "./der-buffer.js";

/**
 * The roots behind AWS IoT Core and S3. The SDK's own store has none of the Amazon roots, so they are part of this
 * module (`roots/`, DER). AWS IoT presents a chain to CA 1 when an RSA cipher suite was negotiated and to CA 3 for
 * ECDSA; both are cross-signed by Starfield, where S3's chains may end.
 */
const AWS_ROOTS = Object.freeze(["AmazonRootCA1.der", "AmazonRootCA3.der", "StarfieldServicesRootG2.der"]);

/** A root of one's own (a local AWS, another broker), registered as well when the firmware carries this resource. */
export const EXTRA_ROOT = "root-ca.der";

/**
 * Makes the roots known to every TLS connection. Call once at start; dates are checked at each handshake. A root of
 * one's own that cannot be read is said, and vouches for nobody.
 */
export function registerRootCertificates(trace: (text: string) => void): void {
  for (const name of AWS_ROOTS) if (Resource.exists(name)) CertificateManager.register(new Resource(name));
  if (!Resource.exists(EXTRA_ROOT)) return;
  const root = new Resource(EXTRA_ROOT);
  const fault = rootFault(bytesOfDer(root));
  if (fault === undefined) CertificateManager.register(root);
  else trace(`network: ${EXTRA_ROOT} is of no use: ${fault}`);
}
