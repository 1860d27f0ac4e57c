/**
 * The names the local cloud's server certificate is valid for: the loopback names, and the names of the real services
 * of a region, so that a device or program which resolves these to this machine verifies the chain without any change.
 */
export function serverNames(region: string, furtherNames: readonly string[] = []): { dns: string[]; ip: string[] } {
  const dns = [
    "localhost",
    "*.localhost",
    "*.s3.localhost",
    `iot.${region}.amazonaws.com`,
    `*.iot.${region}.amazonaws.com`,
    `*.jobs.iot.${region}.amazonaws.com`,
    `*.credentials.iot.${region}.amazonaws.com`,
    `s3.${region}.amazonaws.com`,
    `*.s3.${region}.amazonaws.com`,
    "s3.amazonaws.com",
    "*.s3.amazonaws.com",
  ];
  const ip = ["127.0.0.1", "::1"];
  for (const name of furtherNames) {
    const list = isAddress(name) ? ip : dns;
    if (!list.includes(name)) list.push(name);
  }
  return { dns, ip };
}

function isAddress(name: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) || name.includes(":");
}
