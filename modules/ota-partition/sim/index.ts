/** Boot control and update slot on a simulated ESP32, for Moddable's desktop simulators. */
export { partitionsFromCsv } from "../../esp32-sim/index.js";
export { formatSimDevice, openSimDevice, type SimDevice, type SimDeviceOptions } from "./sim-device.js";
