import { AwsError } from "../../context/context.js";
import { optionalText } from "../input.js";
import type { IotOperation } from "../service.js";

const ENDPOINT_TYPES = Object.freeze(["iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs"]);

/** [AWS IoT: DescribeEndpoint] A host name without port, as on AWS; the ports are in the cloud's start line. */
export const describeEndpoint: IotOperation = (iot, input) => {
  const type = optionalText(input, "endpointType") ?? "iot:Data";
  if (!ENDPOINT_TYPES.includes(type))
    throw new AwsError("InvalidRequest", `endpointType ${type.slice(0, 40)} is not known`);
  return { endpointAddress: iot.endpointHost(type) };
};
