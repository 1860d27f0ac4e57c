/** The networks a board can be plugged into. */
export { DEVICE_WINDOW, LoopbackNetwork, type LoopbackOptions, SIMULATOR_WINDOW } from "./loopback.js";
export { TLS_FAILURES } from "./tls-checks.js";
export { DHCP_NAME_SERVER, VirtualNetwork, type VirtualNetworkOptions } from "./virtual-network.js";
export type {
  Chunk,
  ChunkFate,
  ConnectAttempt,
  ConnectFate,
  DeclaredCertificate,
  Faults,
  Link,
  ListenOptions,
  PeerConnection,
  SentSegment,
} from "./virtual-types.js";
