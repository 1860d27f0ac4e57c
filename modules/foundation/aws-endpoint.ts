/** Which of AWS's services a host name belongs to, as far as it matters to a device that speaks MQTT. */
export type EndpointKind =
  /** `iot:Data-ATS`, the one that a device wants: MQTT behind a chain to Amazon's roots. */
  | "data-ats"
  /** `iot:Data`, whose chain leads to an older root that the firmware does not carry. */
  | "data"
  /** Another service of AWS, which speaks no MQTT. */
  | "other-service"
  /** No name of AWS: a broker of one's own, or a custom domain. */
  | "custom";

/** Of all partitions. [AWS: endpoints and partitions] */
const AWS_SUFFIX = () =>
  /\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|on\.aws|(?:c2s|sc2s\.sgov|csp\.hci)\.(?:ic\.)?gov|adc-e\.uk)$/;

/**
 * Names are `PREFIX-ats.iot.REGION.amazonaws.com`, in China `PREFIX.ats.iot.REGION.amazonaws.com.cn`, and the same
 * without `ats`, or with `jobs` or `credentials` in its place, for other services. [AWS IoT: DescribeEndpoint]
 */
export function endpointKind(host: string): EndpointKind {
  const name = host.toLowerCase();
  const suffix = AWS_SUFFIX().exec(name);
  // Interface endpoints of a VPC have names of their own, and lead to whatever they were made for.
  if (suffix === null || name.includes(".vpce.")) return "custom";
  const labels = name.slice(0, suffix.index).split(".");
  const at = labels.findIndex((label) => label === "iot" || label === "iot-fips");
  const [prefix, kind, ...others] = at > 0 ? labels.slice(0, at) : [];
  if (prefix === undefined || others.length > 0) return "other-service";
  if (kind === undefined) return prefix.endsWith("-ats") ? "data-ats" : "data";
  return kind === "ats" ? "data-ats" : "other-service";
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
