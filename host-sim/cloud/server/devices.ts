import { X509Certificate } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { arnOf } from "../context/arns.js";
import { makePrivateFolder, readTextIfPresent, writeFileAtomically } from "../files/index.js";
import { attachPolicy } from "../iot/operations/attach-policy.js";
import { attachThingPrincipal } from "../iot/operations/attach-thing-principal.js";
import { createPolicy } from "../iot/operations/create-policy.js";
import { createThing } from "../iot/operations/create-thing.js";
import { registerCertificate } from "../iot/register-certificate.js";
import type { IotService } from "../iot/service.js";
import { DEVICE_POLICY_NAME, devicePolicyDocument } from "../policy/device-policy.js";

/** Files of a device's identity. */
export interface DeviceFiles {
  readonly thingName: string;
  readonly dir: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly certificateDer: string;
  /** PKCS#8. */
  readonly privateKeyDer: string;
}

function filesOf(dir: string, thingName: string): DeviceFiles {
  const folder = join(dir, "things", encodeURIComponent(thingName));
  return {
    thingName,
    dir: folder,
    certificatePem: join(folder, "certificate.pem"),
    privateKeyPem: join(folder, "private.key"),
    certificateDer: join(folder, "certificate.der"),
    privateKeyDer: join(folder, "private.der"),
  };
}

/** The devices whose files are in `dir`. */
export function knownDevices(dir: string): DeviceFiles[] {
  const folder = join(dir, "things");
  makePrivateFolder(folder);
  return readdirSync(folder)
    .sort()
    .map((name) => filesOf(dir, decodeURIComponent(name)))
    .filter((files) => readTextIfPresent(files.certificatePem) !== undefined);
}

/**
 * A thing with a certificate and the least policy for Jobs, and the files of its identity in `DIR/things/<thing>`.
 * Doing it again gives the same files and registers what is missing. Error: AwsError `InvalidRequest` for a bad name.
 */
export async function provisionDevice(iot: IotService, dir: string, thingName: string): Promise<DeviceFiles> {
  await createThing(iot, { thingName, ...propertiesOf(iot, thingName) });
  const files = filesOf(dir, thingName);
  for (const folder of [join(dir, "things"), files.dir]) makePrivateFolder(folder);
  const certificatePem = readTextIfPresent(files.certificatePem) ?? (await writeIdentity(iot, files));
  const certificateId = new X509Certificate(certificatePem).fingerprint256.replaceAll(":", "").toLowerCase();
  if (iot.registry.certificateRecord(certificateId) === undefined) registerCertificate(iot, certificatePem, "ACTIVE");
  const target = arnOf(iot.context, "cert", certificateId);
  if (iot.registry.policy(DEVICE_POLICY_NAME) === undefined) {
    await createPolicy(iot, { policyName: DEVICE_POLICY_NAME, policyDocument: devicePolicyDocument(iot.context) });
  }
  await attachPolicy(iot, { policyName: DEVICE_POLICY_NAME, target });
  await attachThingPrincipal(iot, { thingName, principal: target });
  return files;
}

/** CreateThing succeeds for a thing that is there only with the properties it has. */
function propertiesOf({ registry }: IotService, thingName: string): Record<string, unknown> {
  const thing = registry.thing(thingName);
  if (thing === undefined) return {};
  return { attributePayload: { attributes: thing.attributes }, thingTypeName: thing.thingTypeName };
}

async function writeIdentity(iot: IotService, files: DeviceFiles): Promise<string> {
  const identity = await iot.issueDevice();
  writeFileAtomically(files.privateKeyPem, identity.privateKeyPem);
  writeFileAtomically(files.privateKeyDer, identity.privateKeyDer);
  writeFileAtomically(files.certificateDer, identity.certificateDer);
  // Last: the identity counts as there when this file is.
  writeFileAtomically(files.certificatePem, identity.certificatePem);
  return identity.certificatePem;
}
