import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  GetPolicyCommand,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { type Aws, accountOf, partitionOf, type Sending, Things } from "../aws/index.js";
import { FotaError } from "../failure/index.js";
import { devicePolicy, samePolicy } from "./device-policy.js";

/** A thing with a certificate of its own. The key exists nowhere else. */
export type Enrolled = {
  readonly thing: string;
  readonly certificateArn: string;
  readonly certificatePem: string;
  readonly keyPem: string;
};

export type EnrolWish = {
  readonly policy: string;
  readonly group: string | undefined;
  /** The shadow that they may report in; none: they may not. */
  readonly shadow: string | undefined;
  /** Keeps what the device needs, before it may connect. */
  keep(enrolled: Enrolled): void;
};

/** Makes things that may connect: thing, key, certificate, policy and group. */
export class Enrolment {
  readonly #aws: Aws;
  readonly #wish: EnrolWish;
  readonly #things: Things;
  #policyMade = false;

  constructor(aws: Aws, wish: EnrolWish) {
    this.#aws = aws;
    this.#wish = wish;
    this.#things = new Things(aws);
  }

  /**
   * One thing, whole or not at all: what was made is taken back when a step fails. Five to eight requests.
   * @returns words about what was there already
   * @throws FotaError
   */
  async enrol(thing: string): Promise<readonly string[]> {
    const notes: string[] = [];
    const undo: (() => Promise<unknown>)[] = [];
    try {
      const before = await this.#things.thing(thing);
      const { arn } = before ?? (await this.#createThing(thing));
      if (before === undefined)
        undo.push(() =>
          this.#do("iot:DeleteThing", thing, (to) =>
            this.#aws.iot.send(new DeleteThingCommand({ thingName: thing }), to),
          ),
        );
      else notes.push(`${thing} is there already; it gets one certificate more`);
      notes.push(...(await this.#makePolicy(arn)));
      const enrolled = await this.#certificate(thing, undo);
      this.#wish.keep(enrolled);
      const { certificateArn } = enrolled;
      const { policy, group } = this.#wish;
      await this.#do("iot:AttachPolicy", policy, (to) =>
        this.#aws.iot.send(new AttachPolicyCommand({ policyName: policy, target: certificateArn }), to),
      );
      undo.push(() =>
        this.#do("iot:DetachPolicy", policy, (to) =>
          this.#aws.iot.send(new DetachPolicyCommand({ policyName: policy, target: certificateArn }), to),
        ),
      );
      const attached = { thingName: thing, principal: certificateArn };
      await this.#do("iot:AttachThingPrincipal", thing, (to) =>
        this.#aws.iot.send(new AttachThingPrincipalCommand(attached), to),
      );
      undo.push(() =>
        this.#do("iot:DetachThingPrincipal", thing, (to) =>
          this.#aws.iot.send(new DetachThingPrincipalCommand(attached), to),
        ),
      );
      if (group !== undefined) await this.#things.addToGroup(thing, group);
      return notes;
    } catch (error) {
      const left = await takeBack(undo);
      if (left.length === 0 || !(error instanceof FotaError)) throw error;
      throw new FotaError(error.code, error.message, { mend: [...error.mend, ...left], cause: error });
    }
  }

  async #createThing(thing: string): Promise<{ readonly arn: string }> {
    const { thingArn = "" } = await this.#aws.asked("iot:CreateThing", thing, (sending) =>
      this.#aws.iot.send(new CreateThingCommand({ thingName: thing }), sending),
    );
    return { arn: thingArn };
  }

  async #certificate(thing: string, undo: (() => Promise<unknown>)[]): Promise<Enrolled> {
    const made = await this.#aws.asked("iot:CreateKeysAndCertificate", thing, (sending) =>
      this.#aws.iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }), sending),
    );
    const { certificateArn, certificateId, certificatePem, keyPair } = made;
    if (certificateId !== undefined)
      undo.push(async () => {
        const input = { certificateId, newStatus: "INACTIVE" as const };
        await this.#do("iot:UpdateCertificate", certificateId, (to) =>
          this.#aws.iot.send(new UpdateCertificateCommand(input), to),
        );
        await this.#do("iot:DeleteCertificate", certificateId, (to) =>
          this.#aws.iot.send(new DeleteCertificateCommand({ certificateId }), to),
        );
      });
    if (certificateArn === undefined || certificatePem === undefined || keyPair?.PrivateKey === undefined)
      throw new FotaError("service", "iot:CreateKeysAndCertificate gave no certificate");
    return { thing, certificateArn, certificatePem, keyPem: keyPair.PrivateKey };
  }

  async #makePolicy(thingArn: string): Promise<readonly string[]> {
    if (this.#policyMade) return [];
    this.#policyMade = true;
    const { policy: policyName } = this.#wish;
    const place = { region: await this.#aws.region(), account: accountOf(thingArn), partition: partitionOf(thingArn) };
    const wanted = devicePolicy(place, this.#wish.shadow);
    const found = await this.#aws.askedFor("iot:GetPolicy", policyName, (sending) =>
      this.#aws.iot.send(new GetPolicyCommand({ policyName }), sending),
    );
    if (found !== undefined)
      return samePolicy(found.policyDocument ?? "", wanted)
        ? []
        : [`the policy ${policyName} is another than this tool would make; it is left as it is (doctor judges it)`];
    await this.#aws.asked("iot:CreatePolicy", policyName, (sending) =>
      this.#aws.iot.send(new CreatePolicyCommand({ policyName, policyDocument: wanted }), sending),
    );
    return [`the policy ${policyName} is made`];
  }

  /** A request whose answer says nothing. */
  async #do(action: string, resource: string, call: (sending: Sending) => Promise<unknown>): Promise<void> {
    await this.#aws.asked(action, resource, call);
  }
}

/** Backwards. @returns what could not be taken back, in words */
async function takeBack(undo: readonly (() => Promise<unknown>)[]): Promise<string[]> {
  const left: string[] = [];
  for (const step of [...undo].reverse()) {
    try {
      await step();
    } catch (error) {
      left.push(`left behind: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return left;
}
