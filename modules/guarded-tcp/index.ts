/** TCP and TLS sockets whose callbacks cannot restart the device. @module */
export { guardTcp } from "./guarded-tcp.js";
export { guardTls } from "./guarded-tls.js";
export type { GuardOptions, TcpCallbacks, TcpClass, TcpSocket, TlsClass, TlsOptions, TlsSocket } from "./tcp-port.js";
