import { createHash } from "node:crypto";
import type { CertificateStatus, RegisteredCertificate, Registry } from "../../../host-sim/cloud/jobs/index.js";

export const OPEN_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }],
});

/** The policy of the least privilege for one thing, as the documents give it. */
export const LEAST_PRIVILEGE_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "iot:Connect",
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: policy variables
      Resource: "arn:aws:iot:us-east-1:123456789012:client/${iot:Connection.Thing.ThingName}",
      Condition: { Bool: { "iot:Connection.Thing.IsAttached": "true" } },
    },
    {
      Effect: "Allow",
      Action: "iot:Publish",
      Resource: ["get", "start-next", "*/get", "*/update"].map(
        (end) => `arn:aws:iot:us-east-1:123456789012:topic/$aws/things/\${iot:Connection.Thing.ThingName}/jobs/${end}`,
      ),
    },
    {
      Effect: "Allow",
      Action: "iot:Subscribe",
      Resource: ["arn:aws:iot:us-east-1:123456789012:topicfilter/$aws/things/${iot:Connection.Thing.ThingName}/jobs/*"],
    },
    {
      Effect: "Allow",
      Action: "iot:Receive",
      Resource: ["arn:aws:iot:us-east-1:123456789012:topic/$aws/things/${iot:Connection.Thing.ThingName}/jobs/*"],
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: policy variables
    },
  ],
});

export class FakeRegistry implements Registry {
  readonly things = new Set<string>();
  readonly groups = new Map<string, string[]>();
  /** Names of the groups above a group, the root first. */
  readonly above = new Map<string, readonly string[]>();
  readonly certificates = new Map<string, RegisteredCertificate>();

  /** The id of the certificate that {@link addThing} makes for a thing. */
  static certificateId(thingName: string): string {
    return createHash("sha256").update(thingName).digest("hex");
  }

  addThing(thingName: string, policies: readonly string[], thingNames: readonly string[] = [thingName]): void {
    this.things.add(thingName);
    this.setCertificate(FakeRegistry.certificateId(thingName), "ACTIVE", policies, thingNames);
  }

  setCertificate(
    certificateId: string,
    status: CertificateStatus,
    policies: readonly string[],
    thingNames: readonly string[],
  ): void {
    this.certificates.set(certificateId, { certificateId, status, policies, thingNames });
  }

  thing(thingName: string): { readonly thingName: string } | undefined {
    return this.things.has(thingName) ? { thingName } : undefined;
  }

  thingGroup(name: string): { readonly members: readonly string[] } | undefined {
    const members = this.groups.get(name);
    return members === undefined ? undefined : { members };
  }

  groupsAbove(name: string): readonly string[] {
    return this.above.get(name) ?? [];
  }

  certificate(certificateId: string): RegisteredCertificate | undefined {
    return this.certificates.get(certificateId);
  }
}
