/** Boot control and update slot on a simulated ESP32, for Moddable's desktop simulators. */
export { formatSimDevice, openSimDevice, type SimDevice, type SimDeviceOptions } from "./sim-device.js";
