import { AwsError, type CloudContext, type Stored } from "../context/context.js";
import { isMembers } from "../context/json.js";

/** A retained message as the broker keeps it. */
export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /** Milliseconds since 1970. */
  readonly lastModifiedTime: number;
}

/** In the order of their topics. */
export function* retainedMessages({ store }: Pick<CloudContext, "store">): Iterable<RetainedMessage> {
  for (const { key, value } of store.list(["mqtt", "retained"])) yield readRetained(key[2] ?? "", value);
}

/** @throws AwsError `ResourceNotFound` */
export function retainedMessage({ store }: Pick<CloudContext, "store">, topic: string): RetainedMessage {
  const value = store.get(["mqtt", "retained", topic]);
  if (value === undefined) throw new AwsError("ResourceNotFound", "There is no retained message of this topic");
  return readRetained(topic, value);
}

function readRetained(topic: string, value: Stored): RetainedMessage {
  const { payload, qos, modifiedAt } = isMembers(value) ? value : { payload: "", qos: 0, modifiedAt: 0 };
  return {
    topic,
    payload: Buffer.from(typeof payload === "string" ? payload : "", "base64"),
    qos: qos === 1 ? 1 : 0,
    lastModifiedTime: typeof modifiedAt === "number" ? modifiedAt : 0,
  };
}
