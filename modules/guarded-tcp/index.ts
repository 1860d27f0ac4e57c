/** TCP whose callbacks cannot restart the device. */
export { guardTcp } from "./guarded-tcp.js";
export type { GuardOptions, TcpCallbacks, TcpClass, TcpSocket } from "./tcp-port.js";
