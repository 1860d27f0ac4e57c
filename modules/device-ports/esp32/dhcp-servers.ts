// biome-ignore lint/style/useNodejsImportProtocol: a module of the SDK
import Net from "net";

/** Addresses of the DNS servers that DHCP offered on the present connection, the first one first. */
export function dhcpServers(): readonly string[] {
  const servers: unknown = Net.get("DNS");
  return Array.isArray(servers) ? servers.filter((server) => typeof server === "string") : [];
}
