/** What a host name is to a device that speaks MQTT with AWS IoT. */
export type EndpointKind =
  /** `iot:Data-ATS`: MQTT, and a chain to Amazon's own roots. */
  | "data-ats"
  /** `iot:Data`: MQTT, and a chain to a root that devices no more have. */
  | "data"
  /** Another service of AWS. */
  | "other-service"
  /** A broker of one's own, a custom domain, an interface endpoint. */
  | "custom";

/** How AWS's names end, in all of its partitions. [AWS: endpoints and partitions] */
const AWS_NAMES =
  /\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|on\.aws|(?:c2s|sc2s\.sgov|csp\.hci)\.(?:ic\.)?gov|adc-e\.uk)$/;
/**
 * `PREFIX-ats.iot.REGION`, in China `PREFIX.ats.iot.REGION`, `PREFIX.iot.REGION` for the older chain, and a word of its
 * own before `iot` for other services. [AWS IoT: DescribeEndpoint]
 */
const IOT_NAME = /^([^.]+)(?:\.([^.]+))?\.iot(?:-fips)?(?:\.|$)/;

export function endpointKind(host: string): EndpointKind {
  const name = host.toLowerCase();
  const suffix = AWS_NAMES.exec(name);
  if (suffix === null || name.includes(".vpce.")) return "custom";
  const [, prefix, service] = IOT_NAME.exec(name.slice(0, suffix.index)) ?? [];
  if (prefix === undefined) return "other-service";
  if (service !== undefined) return service === "ats" ? "data-ats" : "other-service";
  return prefix.endsWith("-ats") ? "data-ats" : "data";
}

/** What is wrong with an endpoint for MQTT, in words; empty when nothing is. */
export function endpointProblem(host: string): string {
  switch (endpointKind(host)) {
    case "data":
      return "is no ATS endpoint: its certificate leads to a root that the firmware does not have";
    case "other-service":
      return "belongs to another service, which speaks no MQTT";
    default:
      return "";
  }
}
