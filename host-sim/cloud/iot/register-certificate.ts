import { X509Certificate } from "node:crypto";
import { arnOf } from "../context/arns.js";
import { AwsError } from "../context/context.js";
import type { CertificateStatus } from "../context/registry.js";
import type { IotService } from "./service.js";

/**
 * Puts a certificate into the registry. Its id is the SHA-256 of its DER, as on AWS, so that the broker finds it by its
 * fingerprint. Errors: `CertificateValidation` for text that is no certificate, `ResourceAlreadyExists` for a known
 * one.
 */
export function registerCertificate(iot: IotService, pem: string, status: CertificateStatus) {
  const certificateId = fingerprintOf(pem);
  const certificateArn = arnOf(iot.context, "cert", certificateId);
  if (iot.registry.certificateRecord(certificateId) !== undefined) {
    throw new AwsError("ResourceAlreadyExists", "The certificate is already registered.", {
      resourceId: certificateId,
      resourceArn: certificateArn,
    });
  }
  const now = iot.context.clock.now();
  iot.registry.putCertificate({ certificateId, certificatePem: pem, status, createdAt: now, modifiedAt: now });
  return { certificateArn, certificateId };
}

function fingerprintOf(pem: string): string {
  try {
    return new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
  } catch {
    throw new AwsError("CertificateValidation", "The certificate could not be parsed.");
  }
}
