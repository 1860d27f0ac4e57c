/** SDK modules that no typings cover, neither the SDK's own nor the published ones. Only what is used here is declared. */

declare module "ssl/cert" {
  const CertificateManager: {
    /** Adds a root for every TLS connection of the virtual machine. Validity dates are not looked at. */
    register(certificate: object): void;
  };
  export default CertificateManager;
}

declare module "ecp" {
  export default class ECPoint {
    /** `octets`: 0x04, x, y. Throws for any other form; does not check that the point lies on a curve. */
    static fromOctetString(octets: Uint8Array): ECPoint;
  }
}

declare module "curve" {
  export default class Curve {
    constructor(name: "secp256r1" | "secp384r1");
  }
}

declare module "ecdsa" {
  import type Curve from "curve";
  import type ECPoint from "ecp";
  export default class ECDSA {
    constructor(key: ECPoint, curve: Curve, isPrivate: boolean);
    /** `signature`: r then s, each of the curve's size. Never returns for s = 0: check the range first. */
    verify(digest: ArrayBuffer, signature: ArrayBuffer): boolean;
  }
}
