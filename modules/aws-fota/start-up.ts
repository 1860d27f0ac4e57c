import { jobFromRecord } from "./active-job.js";
import { type AgentContext, begin, clearRecord } from "./agent-context.js";
import { isWatched, readDeviceFacts } from "./device-facts.js";
import { asFotaError, FotaError } from "./errors.js";
import type { FirstBootEffects } from "./first-boot-effects.js";
import { rebootVerdict, type Verdict } from "./reboot-verdict.js";

/** The verdicts for whoever reads the trace. */
const SAID: Readonly<Record<Verdict["kind"], string>> = Object.freeze({
  nothing: "no update under way",
  stale: "another firmware's update is forgotten",
  "self-test": "first start, on trial",
  confirmed: "update confirmed, not reported yet",
  resume: "update under way, goes on when the service still wants it",
  "boot-flag-set": "update installed, waits for a restart",
  report: "update ended, not reported yet",
  failed: "update failed",
});

/** Reads record and boot state and takes up what was under way before this start. */
export function takeUp(context: AgentContext, firstBoot: FirstBootEffects): void {
  const { keeper, callbacks, options } = context;
  const damage = keeper.load();
  if (damage !== undefined) callbacks.error(damage);
  const { record } = keeper;
  context.bill = record.bill;
  try {
    context.facts = readDeviceFacts(options);
  } catch (error) {
    callbacks.error(asFotaError(error, "internal-error"));
  }
  const { facts } = context;
  if (facts === undefined) return;
  const verdict = rebootVerdict(record, facts);
  const { label, state } = facts.running;
  options.trace(`aws-fota: ${facts.version} runs in ${label} (${state}), ${SAID[verdict.kind]}`);
  context.firstBoot = verdict.kind === "self-test" || verdict.kind === "confirmed";
  if (!isWatched(facts, context.firstBoot)) {
    callbacks.error(new FotaError("rollback-disabled", "the bootloader would not return to the old image"));
  }
  const remembered = record.job === undefined ? undefined : jobFromRecord(record.job);
  switch (verdict.kind) {
    case "self-test":
      begin(context, remembered, "first-boot");
      return;
    case "confirmed":
      begin(context, remembered);
      firstBoot.confirmed();
      context.dispatch("outcome-known");
      return;
    case "boot-flag-set":
      begin(context, remembered, "boot-flag-found");
      return;
    case "report":
      begin(context, remembered);
      context.terminal = record.terminal;
      firstBoot.outcomeStored();
      context.dispatch("outcome-known");
      return;
    case "failed":
      begin(context, remembered);
      firstBoot.rolledBack(verdict.code, verdict.detail);
      context.dispatch("outcome-known");
      return;
    case "stale":
      clearRecord(context);
      break;
    default:
  }
  // Whoever installed it: an image on trial that nobody confirms would be gone with the next restart.
  if (facts.running.state === "PENDING_VERIFY") {
    context.firstBoot = true;
    context.dispatch("first-boot");
  }
}
