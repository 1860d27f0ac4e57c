/** A cloud with a past: for tools that have to bear a large fleet. */
export { FLEET_GROUP, type FleetHistory, fleetThing, makeHistory } from "./make-history.js";
