import type { RestRoute } from "../message/rest-route.js";
import { addThingToThingGroup } from "./operations/add-thing-to-thing-group.js";
import { attachPolicy } from "./operations/attach-policy.js";
import { attachThingPrincipal } from "./operations/attach-thing-principal.js";
import { createCertificateFromCsr } from "./operations/create-certificate-from-csr.js";
import { createKeysAndCertificate } from "./operations/create-keys-and-certificate.js";
import { createPolicy } from "./operations/create-policy.js";
import { createThing } from "./operations/create-thing.js";
import { createThingGroup } from "./operations/create-thing-group.js";
import { deleteCertificate } from "./operations/delete-certificate.js";
import { deletePolicy } from "./operations/delete-policy.js";
import { deleteThing } from "./operations/delete-thing.js";
import { deleteThingGroup } from "./operations/delete-thing-group.js";
import { describeCertificate } from "./operations/describe-certificate.js";
import { describeEndpoint } from "./operations/describe-endpoint.js";
import { describeThing } from "./operations/describe-thing.js";
import { describeThingGroup } from "./operations/describe-thing-group.js";
import { detachPolicy } from "./operations/detach-policy.js";
import { detachThingPrincipal } from "./operations/detach-thing-principal.js";
import { getPolicy } from "./operations/get-policy.js";
import { listAttachedPolicies } from "./operations/list-attached-policies.js";
import { listCertificates } from "./operations/list-certificates.js";
import { listPolicies } from "./operations/list-policies.js";
import { listPrincipalThings } from "./operations/list-principal-things.js";
import { listTargetsForPolicy } from "./operations/list-targets-for-policy.js";
import { listThingGroups } from "./operations/list-thing-groups.js";
import { listThingGroupsForThing } from "./operations/list-thing-groups-for-thing.js";
import { listThingPrincipals } from "./operations/list-thing-principals.js";
import { listThings } from "./operations/list-things.js";
import { listThingsInThingGroup } from "./operations/list-things-in-thing-group.js";
import { registerCertificateWithoutCa } from "./operations/register-certificate-without-ca.js";
import { removeThingFromThingGroup } from "./operations/remove-thing-from-thing-group.js";
import { updateCertificate } from "./operations/update-certificate.js";
import { updateThing } from "./operations/update-thing.js";
import type { IotOperation, IotService } from "./service.js";

const TABLE: readonly (readonly [method: string, path: string, operation: IotOperation])[] = Object.freeze([
  ["GET", "/endpoint", describeEndpoint],
  ["POST", "/things/{thingName}", createThing],
  ["GET", "/things/{thingName}", describeThing],
  ["PATCH", "/things/{thingName}", updateThing],
  ["DELETE", "/things/{thingName}", deleteThing],
  ["GET", "/things", listThings],
  ["PUT", "/thing-groups/addThingToThingGroup", addThingToThingGroup],
  ["PUT", "/thing-groups/removeThingFromThingGroup", removeThingFromThingGroup],
  ["POST", "/thing-groups/{thingGroupName}", createThingGroup],
  ["GET", "/thing-groups/{thingGroupName}", describeThingGroup],
  ["DELETE", "/thing-groups/{thingGroupName}", deleteThingGroup],
  ["GET", "/thing-groups", listThingGroups],
  ["GET", "/thing-groups/{thingGroupName}/things", listThingsInThingGroup],
  ["GET", "/things/{thingName}/thing-groups", listThingGroupsForThing],
  ["POST", "/keys-and-certificate", createKeysAndCertificate],
  ["POST", "/certificates", createCertificateFromCsr],
  ["POST", "/certificate/register-no-ca", registerCertificateWithoutCa],
  ["GET", "/certificates/{certificateId}", describeCertificate],
  ["PUT", "/certificates/{certificateId}", updateCertificate],
  ["DELETE", "/certificates/{certificateId}", deleteCertificate],
  ["GET", "/certificates", listCertificates],
  ["PUT", "/things/{thingName}/principals", attachThingPrincipal],
  ["DELETE", "/things/{thingName}/principals", detachThingPrincipal],
  ["GET", "/things/{thingName}/principals", listThingPrincipals],
  ["GET", "/principals/things", listPrincipalThings],
  ["POST", "/policies/{policyName}", createPolicy],
  ["GET", "/policies/{policyName}", getPolicy],
  ["DELETE", "/policies/{policyName}", deletePolicy],
  ["GET", "/policies", listPolicies],
  ["PUT", "/target-policies/{policyName}", attachPolicy],
  ["POST", "/target-policies/{policyName}", detachPolicy],
  ["POST", "/attached-policies/{target}", listAttachedPolicies],
  ["POST", "/policy-targets/{policyName}", listTargetsForPolicy],
] as const);

export function iotRoutes(iot: IotService): RestRoute[] {
  return TABLE.map(([method, path, operation]) => ({
    service: "iot",
    method,
    path,
    run: (input) => operation(iot, input),
  }));
}
