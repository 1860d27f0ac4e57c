import { AwsError } from "../../context/context.js";
import type { ShadowId } from "../record.js";
import { clientTokenIn, type RequestBody, versionIn } from "../request.js";
import { noShadow, type ShadowService } from "../service.js";

/**
 * [AWS IoT: DeleteThingShadow] The version does not start anew when the shadow is made again. Tells the subscribers of
 * `delete/accepted`, and returns what that says.
 *
 * @throws AwsError `ResourceNotFound`, `InvalidRequest`, `Conflict`
 */
export function deleteThingShadow(service: ShadowService, id: ShadowId, body: RequestBody) {
  const clientToken = clientTokenIn(body);
  const expected = versionIn(body);
  return service.transaction(() => {
    const shadow = service.store.shadow(id);
    if (shadow === undefined) throw noShadow(id);
    const { version } = shadow;
    if (expected !== undefined && expected !== version) throw new AwsError("Conflict", "Version conflict");
    service.store.remove(id, version);
    const token = clientToken === undefined ? {} : { clientToken };
    const accepted = { version, timestamp: service.timestamp, ...token };
    service.send(id, "delete/accepted", accepted);
    return accepted;
  });
}
