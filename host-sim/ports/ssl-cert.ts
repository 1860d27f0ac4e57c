/** SDK `ssl/cert`: roots trusted by every TLS connection of the virtual machine. */
import { bytesOf } from "./resource.js";

const roots: Uint8Array[] = [];

export function registeredRoots(): readonly Uint8Array[] {
  return roots;
}

/**
 * Takes one DER certificate; its dates are not looked at. Never removed: the device's list lives as long as the
 * machine.
 */
const CertificateManager = Object.freeze({
  register(certificate: unknown): void {
    const bytes = bytesOf(certificate);
    if (!roots.some((root) => root.length === bytes.length && root.every((byte, index) => byte === bytes[index]))) {
      roots.push(bytes.slice());
    }
  },
});

export default CertificateManager;
