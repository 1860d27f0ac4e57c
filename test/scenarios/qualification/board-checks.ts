import assert from "node:assert/strict";
import { MQTT_HOST } from "../../../host-sim/world/virtual-cloud.js";
import { FIRST, MINUTE, type Scenario } from "../support/scenario.js";

/** Where the middle of a download is. */
export const HALF = 160_000;

/** Takes every connection and name away, until `run.faults = {}`. */
export function unplug(run: Scenario): void {
  run.faults = { connect: () => "refuse", toDevice: () => "reset", toPeer: () => "reset" };
}

/** The image in the other slot was never selected: neither announced, nor started by a power cut. */
export function staysOnTheOldImage(run: Scenario): void {
  assert.deepEqual(run.traced("-> installed ("), [], "no boot flag was set");
  run.until(() => !run.record.includes('"job"'), "the job is settled", MINUTE);
  run.world.board.powerCut();
  run.world.board.powerOn();
  run.untilTraced("mqtt: connected", 5 * MINUTE);
  assert.equal(run.version, FIRST);
}

/** Nothing was loaded for a job that its document alone condemns. */
export function nothingLoaded(run: Scenario): void {
  assert.deepEqual(run.wire.requests, []);
  assert.deepEqual(
    run.wire.updates.map(({ status }) => status),
    ["REJECTED"],
  );
}

/** The device's new program does not reach the cloud; the old one does. */
export function unreachableFrom(run: Scenario, version: string): void {
  run.faults = { connect: ({ host }) => (host === MQTT_HOST && run.version === version ? "refuse" : undefined) };
}
