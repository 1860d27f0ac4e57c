/** SDK `net`, as far as it tells what DHCP offered. */
import { callHost } from "./host.js";

// biome-ignore lint/complexity/noStaticOnlyClass: the SDK has a class here
class Net {
  static get(property: string): unknown {
    return property === "DNS" ? callHost("net.servers") : undefined;
  }
}

export default Net;
