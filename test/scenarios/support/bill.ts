import assert from "node:assert/strict";
import type { Scenario } from "./scenario.js";

const SECTOR = 4096;
/** Bytes of a refusal that are read at a time. */
const UNREAD = 64;

/** What a job's details say that it cost; a member that is not named there is 0. */
export function billIn(details: Readonly<Record<string, string>>) {
  const others: Readonly<Record<string, string>> = Object.fromEntries(
    (details.cost ?? "").split(" ").map((part) => part.split("=")),
  );
  const count = (name: string) => Number(details[name] ?? others[name] ?? 0);
  return {
    bytes: count("bytes"),
    requests: count("requests"),
    erases: count("erases"),
    stores: count("stores"),
    seconds: count("seconds"),
    retries: count("retries"),
    reconnects: count("reconnects"),
  };
}

/**
 * A job that has ended says what it cost, and server, broker, flash and clock counted the same. Not for a job that a
 * power cut interrupted in its download: what came after the last store is lost to the device.
 */
export function assertBill(run: Scenario, jobId = "job-1"): void {
  const bill = billIn(run.details(jobId));
  const { ledger } = run.wire;
  const text = `${JSON.stringify(bill)}\n${run.told()}`;
  assert.equal(bill.requests, ledger.requests, `requests, by the server ${ledger.requests}: ${text}`);
  // Of a refusal nothing is read behind its reason.
  const unread = ledger.bodyBytes - bill.bytes;
  const most = UNREAD * ledger.refusals;
  assert.ok(unread >= 0 && unread <= most, `bytes, by the server ${ledger.bodyBytes}: ${text}`);
  assert.equal(bill.erases * SECTOR, run.slotBytesErased, `erases, by the flash ${run.slotBytesErased}: ${text}`);
  const { elapsed, reconnects } = lifeOf(run, jobId);
  assert.equal(bill.reconnects, reconnects, `reconnects, by the broker ${reconnects}: ${text}`);
  assert.ok(bill.seconds <= elapsed + 1, `seconds, by the clock ${elapsed}: ${text}`);
  const failures = run.traced("fota-download: ").filter((line) => / attempt \d+ in /.test(line)).length;
  assert.ok(bill.retries >= failures, `retries, traced are ${failures}: ${text}`);
}

/** What the broker saw of the device while it had the job. */
function lifeOf(run: Scenario, jobId: string) {
  const { wire, bootTimes } = run;
  const brings = (execution: unknown) =>
    typeof execution === "object" && execution !== null && "jobId" in execution && execution.jobId === jobId;
  const begin = wire.packets.find(({ direction, body }) => direction === "down" && brings(body.execution))?.at ?? 0;
  const end = wire.terminal(jobId)[0]?.at ?? run.now;
  const connected = wire.packets
    .filter(({ direction, packet }) => direction === "down" && packet.cmd === "connack" && packet.returnCode === 0)
    .map(({ at }) => at);
  const isFirstOfBoot = (at: number) => {
    const booted = Math.max(...bootTimes.filter((time) => time <= at));
    return !connected.some((other) => other >= booted && other < at);
  };
  const reconnects = connected.filter((at) => at > begin && at < end && !isFirstOfBoot(at)).length;
  return { elapsed: (end - (bootTimes[0] ?? 0)) / 1000, reconnects };
}
