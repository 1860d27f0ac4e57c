import type { CloudContext } from "../context/context.js";
import type { RegisteredCertificate } from "../context/registry.js";
import { type PolicyStatement, parsePolicy } from "./document.js";
import { evaluatePolicies } from "./evaluate.js";

/** Decides for one MQTT connection what its certificate's policies allow. */
export interface Authorizer {
  mayConnect(attributes: readonly ConnectAttribute[]): boolean;
  mayPublish(topic: string, retain: boolean): boolean;
  maySubscribe(filter: string): boolean;
  mayReceive(topic: string): boolean;
}

export type ConnectAttribute = "PersistentConnect" | "LastWill";

/**
 * Thing variables have values only when the certificate is attached to the thing whose name is the client id. [AWS IoT:
 * Thing policy variables]
 *
 * @param persistentNeedsAttribute whether a persistent session needs a statement with a condition on
 * `iot:ConnectAttributes`
 */
export function authorizerFor(
  context: Pick<CloudContext, "region" | "account" | "log">,
  certificate: RegisteredCertificate,
  clientId: string,
  persistentNeedsAttribute: boolean,
): Authorizer {
  const statements = certificate.policies.flatMap((text) => parsed(context, text));
  const thingName = certificate.thingNames.includes(clientId) ? clientId : undefined;
  const values = {
    "iot:ClientId": clientId,
    "iot:Connection.Thing.ThingName": thingName,
    "iot:Connection.Thing.IsAttached": thingName === undefined ? undefined : "true",
  };
  const arn = (kind: string, name: string) => `arn:aws:iot:${context.region}:${context.account}:${kind}/${name}`;
  const allowed = (action: string, resource: string, from = statements, more = {}) =>
    evaluatePolicies(from, { action, resource, values: { ...values, ...more } }) === "allowed";
  return {
    mayConnect(attributes) {
      const persistent = attributes.includes("PersistentConnect") && persistentNeedsAttribute;
      const usable = persistent ? statements.filter(mentionsAttributes) : statements;
      const more = { "iot:ConnectAttributes": attributes.length === 0 ? undefined : attributes };
      return allowed("iot:Connect", arn("client", clientId), usable, more);
    },
    mayPublish: (topic, retain) =>
      allowed("iot:Publish", arn("topic", topic)) && (!retain || allowed("iot:RetainPublish", arn("topic", topic))),
    maySubscribe: (filter) => allowed("iot:Subscribe", arn("topicfilter", filter)),
    mayReceive: (topic) => allowed("iot:Receive", arn("topic", topic)),
  };
}

function parsed(context: Pick<CloudContext, "log">, text: string): readonly PolicyStatement[] {
  try {
    return parsePolicy(text);
  } catch (error) {
    context.log(`policy ignored: ${error}`);
    return [];
  }
}

function mentionsAttributes(statement: PolicyStatement): boolean {
  return statement.effect === "Deny" || statement.conditions.some((one) => one.key === "iot:ConnectAttributes");
}
