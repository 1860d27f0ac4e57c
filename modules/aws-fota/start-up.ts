import { type AgentContext, attempt } from "./agent-context.js";
import { asFotaError, FotaError } from "./errors.js";
import type { FirstBootEffects } from "./first-boot-effects.js";
import { memoryShortage } from "./memory-need.js";
import { rebootVerdict, type Verdict } from "./reboot-verdict.js";
import { enforcedBy, trustText } from "./signing-keys.js";
import { hasOrder } from "./version.js";

/** The verdicts for whoever reads the trace. */
const SAID: Readonly<Record<Verdict["kind"], string>> = Object.freeze({
  nothing: "no update under way",
  stale: "another firmware's update is forgotten",
  "self-test": "first start, on trial",
  confirmed: "update confirmed, not reported yet",
  resume: "update under way, goes on when the service still wants it",
  "try-again": "power went while the new image was on trial, which is tried again when the service still wants it",
  "boot-flag-set": "update installed, waits for a restart",
  report: "update ended, not reported yet",
  failed: "update failed",
});

/** Verdicts that say nothing about a first boot of the running image. */
const WITHOUT_TRIAL: readonly Verdict["kind"][] = Object.freeze(["nothing", "stale", "resume", "try-again"]);

/**
 * Reads record and boot state and takes up what was under way before this start.
 * @returns whether to listen: an update that the virtual machine has no memory for would end it, each time anew
 */
export function takeUp(context: AgentContext, firstBoot: FirstBootEffects): boolean {
  const shortage = memoryShortage(context.options.memory, context.options.profile);
  const isTrial = takeUpRecord(context, firstBoot);
  // An image on trial has said so, and is taken back.
  if (shortage !== undefined && !isTrial) context.callbacks.error(shortage);
  return shortage === undefined;
}

/** @returns whether the running image is on trial from here */
function takeUpRecord(context: AgentContext, firstBoot: FirstBootEffects): boolean {
  const { job, device, callbacks, journal, machine, options } = context;
  const damage = job.load();
  journal.load(job.stored.journal);
  if (damage !== undefined) callbacks.error(damage);
  try {
    device.read();
  } catch (error) {
    callbacks.error(asFotaError(error, "internal-error"));
  }
  const { facts } = device;
  if (facts === undefined) return false;
  journal.add("boot", facts.resetReason, facts.version, facts.running.label, facts.running.state);
  const verdict = rebootVerdict(job.stored, facts, context.settings.maxTrials);
  const { label, state } = facts.running;
  options.trace(`aws-fota: ${facts.version} runs in ${label} (${state}), ${SAID[verdict.kind]}`);
  // Whoever installed it: an image on trial that nobody confirms would be gone with the next restart. It comes before
  // any update.
  const isForeignTrial = state === "PENDING_VERIFY" && WITHOUT_TRIAL.includes(verdict.kind);
  const isCrashed = verdict.kind === "failed" && label === job.stored.job?.slot;
  if (verdict.kind === "self-test" || verdict.kind === "confirmed" || isCrashed || isForeignTrial) device.beginTrial();
  else remember(context);
  sayTrust(context);
  if (!device.isWatched) {
    callbacks.error(new FotaError("rollback-disabled", "the bootloader would not return to the old image"));
  }
  if (!context.settings.allowDowngrade && !hasOrder(facts.version)) {
    const detail = `the running version ${facts.version} has no order, only allowDowngrade takes another`;
    callbacks.error(new FotaError("version-unordered", detail));
  }
  if (verdict.kind === "stale") {
    const failure = attempt(() => job.forget());
    if (failure !== undefined) callbacks.error(failure);
  } else if (!isForeignTrial) job.recall();
  if (isForeignTrial) machine.dispatch("first-boot");
  else enter(context, firstBoot, verdict);
  return isForeignTrial || verdict.kind === "self-test";
}

/** Firmware that is not on trial came by cable or has proven itself: what it says about signatures holds. */
function remember({ job, settings }: AgentContext): void {
  const enforced = enforcedBy(settings.trust);
  if (enforced !== undefined) job.enforces(enforced);
}

function sayTrust({ job, settings, options, callbacks }: AgentContext): void {
  const { trust } = settings;
  options.trace(`aws-fota: ${trustText(trust)}`);
  if (trust.keys.length > 0 || trust.allowUnsigned) return;
  const before = job.enforced.length === 0 ? "" : `; the firmware before had ${job.enforced.join(", ")}`;
  callbacks.error(new FotaError("no-signing-key", `every image is refused${before}`));
}

/** From the verdict to the state that goes on from it. */
function enter({ job, machine, reporter, device }: AgentContext, firstBoot: FirstBootEffects, verdict: Verdict): void {
  const goesOn = verdict.kind === "resume" || verdict.kind === "try-again";
  if (job.current !== undefined && !goesOn) reporter.bind(job.current.identity, undefined);
  switch (verdict.kind) {
    case "self-test":
      job.onTrial();
      machine.dispatch("first-boot");
      break;
    case "confirmed":
      firstBoot.confirmed();
      machine.dispatch("outcome-known");
      break;
    case "boot-flag-set":
      machine.dispatch("boot-flag-found");
      break;
    case "resume":
    case "try-again":
      job.interrupted();
      machine.dispatch("resume-found");
      break;
    case "report":
      firstBoot.takeUpOutcome();
      break;
    case "failed":
      if (device.facts?.running.label === job.current?.record.slot) {
        firstBoot.crashed(verdict.code, verdict.detail);
        machine.dispatch("rejection-found");
        break;
      }
      firstBoot.rolledBack(verdict.code, verdict.detail);
      machine.dispatch("outcome-known");
      break;
    default:
  }
}
