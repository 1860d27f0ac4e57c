/** Whether the modules of this folder are the ones that the SDK's TLS really uses. */
import CertificateManager from "ssl/cert";
import changeCipherSpec from "ssl/changecipher";
import cipherSuites from "ssl/ciphersuites";
import handshake from "ssl/handshake";
import Session from "ssl/session";

/**
 * Specifiers under which the build linked something else, such as the SDK's own file: none in a sound build. Which file
 * a specifier means is decided by manifests, and an application may have its own.
 */
export default function displacedModules(): string[] {
  const marked: Readonly<Record<string, unknown>> = {
    "ssl/cert": CertificateManager,
    "ssl/changecipher": changeCipherSpec,
    "ssl/handshake": handshake,
    "ssl/session": Session,
  };
  const isOurs = (value: unknown) =>
    (typeof value === "object" || typeof value === "function") && value !== null && Object.hasOwn(value, "strictTls");
  const displaced = Object.keys(marked).filter((name) => !isOurs(marked[name]));
  if (!cipherSuites.every((suite) => Object.hasOwn(suite, "signedWith"))) displaced.push("ssl/ciphersuites");
  return displaced;
}
