/** The desktop's own DHCP is out of the simulator's sight. */
export function dhcpServers(): readonly string[] {
  return [];
}
