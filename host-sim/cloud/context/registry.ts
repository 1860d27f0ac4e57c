/**
 * What the Jobs service and the MQTT front ends need to know about things, groups and certificates. The control plane
 * owns them.
 */
export interface Registry {
  thing(thingName: string): { readonly thingName: string } | undefined;
  /** `members`: things of the group and of all groups below it. */
  thingGroup(thingGroupName: string): { readonly members: readonly string[] } | undefined;
  /** Names of the groups above one, the root first. */
  groupsAbove(thingGroupName: string): readonly string[];
  /** `certificateId`: lower-case hex SHA-256 of the certificate's DER, which is also its TLS fingerprint. */
  certificate(certificateId: string): RegisteredCertificate | undefined;
}

/** A certificate with what hangs on it. */
export interface RegisteredCertificate {
  readonly certificateId: string;
  readonly status: CertificateStatus;
  /** Things the certificate is attached to. */
  readonly thingNames: readonly string[];
  /** JSON texts of the default versions of the attached policies. */
  readonly policies: readonly string[];
}

/** All statuses of a certificate, those that UpdateCertificate takes first. [AWS IoT: CertificateDescription] */
export const CERTIFICATE_STATUSES = Object.freeze([
  "ACTIVE",
  "INACTIVE",
  "REVOKED",
  "PENDING_TRANSFER",
  "REGISTER_INACTIVE",
  "PENDING_ACTIVATION",
] as const);
/** Status of a certificate. [AWS IoT: CertificateDescription] */
export type CertificateStatus = (typeof CERTIFICATE_STATUSES)[number];
