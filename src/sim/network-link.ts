import Timer from "timer";
import type { NetworkLinkOptions } from "../esp32/network-link.js";

/** The desktop simulators use the host's network and clock: both are there from the start. */
export function bringUpNetwork(options: NetworkLinkOptions): void {
  Timer.set(options.onReady);
}
