import { invalidRequest, type OperationInput, optionalList } from "../../context/fields.js";
import type { JobsService } from "../service.js";

/** [AWS IoT: CreateJob] Package versions that one job may install. */
const MAX_DESTINATIONS = 25;

/** The member `destinationPackageVersions`. @throws AwsError `InvalidRequest`, `ResourceNotFound` */
export function destinationsIn(service: JobsService, input: OperationInput): readonly string[] | undefined {
  const given = optionalList(input, "destinationPackageVersions");
  if (given === undefined || given.length === 0) return undefined;
  if (given.length > MAX_DESTINATIONS) {
    throw invalidRequest(`destinationPackageVersions must have at most ${MAX_DESTINATIONS} ARNs`);
  }
  const destinations = given.map((arn) => {
    if (typeof arn !== "string") throw invalidRequest("destinationPackageVersions must be ARNs");
    return arn;
  });
  if (service.packages === undefined) throw invalidRequest("there is no package catalog");
  service.packages.check(destinations);
  return destinations;
}
