import { deltaOf } from "../delta.js";
import type { ShadowId } from "../record.js";
import { noShadow, type ShadowService } from "../service.js";

/** [AWS IoT: GetThingShadow] The whole document, with what differs. @throws AwsError `ResourceNotFound` */
export function getThingShadow(service: ShadowService, id: ShadowId) {
  const shadow = service.store.shadow(id);
  if (shadow === undefined) throw noShadow(id);
  const delta = deltaOf(shadow)?.state;
  return {
    state: { ...shadow.state, ...(delta === undefined ? {} : { delta }) },
    metadata: shadow.metadata,
    version: shadow.version,
    timestamp: service.timestamp,
  };
}
