/** What happened to a device that ended with a code, what its operator does, and whether another attempt helps. */
export type Advice = {
  readonly happened: string;
  readonly todo: string;
  readonly retry: Retry;
};

/** `later`: by itself; `mended`: when what is named was mended. */
export type Retry = "yes" | "later" | "mended" | "no";

/**
 * The rows of docs/operations.md, by code, for those who look at a terminal and not at a document; the document is the
 * source. What is longer stands there.
 */
export const ADVICE: Readonly<Record<string, Advice>> = Object.freeze({
  "retries-exhausted": {
    happened: "Eight failures in a row without 4 KiB between them; `detail` names the last one.",
    todo: "Look up the code that it names. Many devices at once: the server. One device: its network.",
    retry: "later",
  },
  dns: {
    happened: "The image's host name was not resolved, or leads into a local network without being in `allowedHosts`.",
    todo: "Check the name in the document's URL; behind a captive portal or split DNS, the network.",
    retry: "later",
  },
  connect: {
    happened: "No TCP connection to the image's server.",
    todo: "Check firewall and port 443 from that network.",
    retry: "later",
  },
  tls: {
    happened: "No TLS session; `detail` begins with `certificate`, `name`, `date`, `signature` or `protocol`.",
    todo: "`date`: the device's clock, NTP is blocked. Otherwise the server's chain must end in a root the firmware has; a proxy that opens TLS is refused.",
    retry: "later",
  },
  disconnected: {
    happened: "The connection ended before the answer.",
    todo: "Nothing for one device; for many, the server or a proxy in between.",
    retry: "later",
  },
  "response-timeout": {
    happened: "The server did not answer in time.",
    todo: "Nothing for one device; for many, the server or a proxy in between.",
    retry: "later",
  },
  "idle-timeout": {
    happened: "The body stopped and the connection stayed.",
    todo: "Nothing for one device; for many, the server or a proxy in between.",
    retry: "later",
  },
  "too-slow": {
    happened: "Fewer than 4 KiB in a minute, again and again.",
    todo: "A better link, or let the application defer the update until there is one.",
    retry: "later",
  },
  throttled: {
    happened: "The server told the device to slow down, every time.",
    todo: "Lower `maximumPerMinute` of the rollout.",
    retry: "later",
  },
  "server-error": { happened: "The server's own trouble (5xx).", todo: "Its status page.", retry: "later" },
  "bad-response": {
    happened: "What came is no proper HTTP answer to the request.",
    todo: "Look what stands between device and server: a proxy, a portal, a CDN's rewriting.",
    retry: "later",
  },
  redirect: {
    happened: "A redirect too many, or to no usable place.",
    todo: "Put the final URL into the document.",
    retry: "mended",
  },
  "url-expired": {
    happened: "The presigned URL was too old, and a fresh one as well.",
    todo: "Raise `expiresInSec` of `presignedUrlConfig`; check that the role of the presigning may read the object.",
    retry: "yes",
  },
  "access-denied": {
    happened: "The server refused the URL, and a fresh one as well.",
    todo: "The presigning role's right to read the object; a bucket policy that denies; the object's KMS key.",
    retry: "mended",
  },
  "not-found": {
    happened: "There is no such object.",
    todo: "Upload it, or correct the key in the document.",
    retry: "mended",
  },
  "request-refused": {
    happened: "Another refusal (4xx); `detail` has the status.",
    todo: "The server's log.",
    retry: "mended",
  },
  "range-not-satisfiable": {
    happened: "The server has no bytes where it should have some: an empty object, or a cache gone wrong.",
    todo: "Upload the image again.",
    retry: "mended",
  },
  "size-mismatch": {
    happened: "The object is longer or shorter than the document's `size`: an upload that was cut, or another file.",
    todo: "Compare the object's length with the document, upload it again.",
    retry: "mended",
  },
  "content-changed": {
    happened:
      "The object changed while it was loaded, more often than is worth it; or the server knows no ranges and the line breaks each time.",
    todo: "Never replace an object under its name: upload under a new one. Use a server with ranges.",
    retry: "yes",
  },
  "sink-failed": {
    happened: "The writer refused the bytes without a code of its own.",
    todo: "Send `detail` to the developers.",
    retry: "yes",
  },
  "image-truncated": {
    happened: "The file ends before the image does.",
    todo: "Upload it again, whole.",
    retry: "mended",
  },
  "image-checksum": {
    happened: "A byte differs from what was built.",
    todo: "Compare the object's SHA-256 with the build's; upload again. One device only: its flash.",
    retry: "yes",
  },
  "image-digest": {
    happened: "A byte differs from what was built, told by the image's own SHA-256.",
    todo: "Compare the object's SHA-256 with the build's; upload again. One device only: its flash.",
    retry: "yes",
  },
  "digest-mismatch": {
    happened: "The file is not the one whose `sha256` stands in the document.",
    todo: "The object was replaced, or the document is of another build: make the two fit.",
    retry: "mended",
  },
  "image-invalid": {
    happened: "ESP-IDF refused the image at the last moment.",
    todo: "Secure boot: is the image signed for this chip? Otherwise as `image-checksum`.",
    retry: "yes",
  },
  "flash-read-failed": {
    happened: "The flash driver failed.",
    todo: "One retry. If it comes back on the same device, the chip is worn or broken.",
    retry: "yes",
  },
  "flash-write-failed": {
    happened: "The flash driver failed.",
    todo: "One retry. If it comes back on the same device, the chip is worn or broken.",
    retry: "yes",
  },
  "flash-erase-failed": {
    happened: "The flash driver failed.",
    todo: "One retry. If it comes back on the same device, the chip is worn or broken.",
    retry: "yes",
  },
  "install-failed": {
    happened: "The slot could not be opened, prepared or selected.",
    todo: "One retry, then the device's log.",
    retry: "yes",
  },
  "install-interrupted": {
    happened: "Power went each of the three times when the image was about to start.",
    todo: "Look at the device's supply.",
    retry: "yes",
  },
  "running-unconfirmed": {
    happened: "The image that runs is on trial itself.",
    todo: "Wait until it is confirmed.",
    retry: "later",
  },
  "slot-conflict": {
    happened: "The slot to write is the one that runs: partition table or otadata are not as they should be.",
    todo: "One restart; then flash the device by cable.",
    retry: "yes",
  },
  "boot-control-failed": {
    happened: "ESP-IDF could not write the boot flag.",
    todo: "One retry, then as `flash-write-failed`.",
    retry: "yes",
  },
  "record-store-failed": {
    happened: "The device could not remember the update, so it did not begin it: NVS is full or worn.",
    todo: "Free NVS (the application's own entries), erase it at the next service.",
    retry: "yes",
  },
  "self-test-failed": {
    happened: "The application's self-test said no; `detail` is its word.",
    todo: "A bug, or the device's hardware. Compare with other devices of the rollout.",
    retry: "no",
  },
  "self-test-timeout": {
    happened:
      "The new image did not reach AWS IoT, or its self-test did not answer, in time; `detail` names what was missing.",
    todo: "Network settings of the new image; an outage at that hour.",
    retry: "no",
  },
  "rolled-back": {
    happened:
      "The new image crashed or hung before it was confirmed, or power went in each of its trials (three, `maxTrials`); `reset` says which, `selfTest` how far it was.",
    todo: "`panic`, `task-watchdog`, `int-watchdog`, `watchdog`, `cpu-lockup`: a bug. `brownout`: the supply, or what the image switches on. `power-on`: a job with `force`.",
    retry: "no",
  },
  "boot-refused": {
    happened: "The bootloader did not start the new image.",
    todo: "Secure boot, anti-rollback, flash size: build for this board.",
    retry: "no",
  },
  "mark-valid-failed": {
    happened: "The image was good and could not be confirmed.",
    todo: "One retry, then as `flash-write-failed`.",
    retry: "no",
  },
  "not-confirmable": {
    happened: "Otadata names another image than the one that runs.",
    todo: "Flash the device by cable.",
    retry: "no",
  },
  "memory-short": {
    happened:
      "The new firmware gives its virtual machine less memory than an update takes: no later one could have been taken.",
    todo: "Leave `creation` in the application's manifest to the library, or raise what `detail` names ([device.md](device.md)).",
    retry: "no",
  },
  "signing-key-missing": {
    happened: "The new firmware would have ended the checking of signatures.",
    todo: "Build it with the signing keys ([device.md](device.md)).",
    retry: "no",
  },
  "canceled-by-application": {
    happened: "The application called `cancel()`; `detail` is its word.",
    todo: "Whatever it says.",
    retry: "yes",
  },
  "application-error": {
    happened: "A callback of the application threw.",
    todo: "Send `detail` to the developers.",
    retry: "yes",
  },
  "callback-failed": {
    happened: "A callback of the application threw, from deeper down.",
    todo: "Send `detail` to the developers.",
    retry: "yes",
  },
  "internal-error": {
    happened: "Something that no code stands for: a bug of this library.",
    todo: "Report it with `detail` and `log`.",
    retry: "yes",
  },
  "document-invalid": {
    happened: "A member is missing, malformed or out of range.",
    todo: "Compare with [job-document.md](job-document.md).",
    retry: "no",
  },
  "document-unsupported": {
    happened: "A delivery that this device does not know: MQTT only, several files.",
    todo: "Use HTTP and one file.",
    retry: "no",
  },
  "bad-url": { happened: "A redirect or the document leads to what is no URL.", todo: "Correct it.", retry: "no" },
  "url-too-long": {
    happened: "The URL has more than 4096 characters.",
    todo: "Shorten key or session token.",
    retry: "no",
  },
  "insecure-url": {
    happened: "The URL, or a redirect, is `http`.",
    todo: "Use https, or a firmware with `allowHttp`.",
    retry: "no",
  },
  "signature-missing": {
    happened: "The device takes signed images only.",
    todo: "`npm run sign`, or AWS Signer.",
    retry: "no",
  },
  "signature-unsupported": { happened: "Not ECDSA P-256 over SHA-256.", todo: "Sign with such a key.", retry: "no" },
  "signature-invalid": {
    happened: "The signature is not of this image and a key of this device.",
    todo: "Sign the very file that is published.",
    retry: "no",
  },
  "signing-key-unknown": {
    happened: "The key is not, or no more, trusted.",
    todo: "Sign with one that `detail` names.",
    retry: "no",
  },
  "image-too-small": { happened: "The document's length is none of an image.", todo: "Correct `size`.", retry: "no" },
  "host-refused": {
    happened: "Images may not come from that server.",
    todo: "Another server, or a firmware that lists it (`allowedHosts`).",
    retry: "no",
  },
  "no-signing-key": {
    happened: "The firmware has no key and allows no unsigned image.",
    todo: "Flash one that has, by cable.",
    retry: "no",
  },
  "same-version": {
    happened: "That version runs.",
    todo: "Nothing: it is done. `force` installs it again.",
    retry: "no",
  },
  downgrade: {
    happened: "That version is older.",
    todo: "A newer version number; or `force` where the firmware sets `allowForcedDowngrade`.",
    retry: "no",
  },
  "version-unordered": {
    happened: "Which version is newer cannot be told.",
    todo: "Version numbers of one form ([job-document.md](job-document.md#versions)).",
    retry: "no",
  },
  "version-mismatch": {
    happened: "The image says another version than the document.",
    todo: "Publish the image that the document means.",
    retry: "no",
  },
  quarantined: {
    happened: "This image was rolled back on this device before.",
    todo: "A corrected image; or `force`.",
    retry: "no",
  },
  "project-mismatch": { happened: "An image of another product.", todo: "Target the right group.", retry: "no" },
  "secure-version": {
    happened: "Below what the chip's eFuse allows.",
    todo: "A build with a higher secure version; nothing else helps.",
    retry: "no",
  },
  "image-expired": {
    happened: "The image was built too long ago for this firmware (`maxImageAgeDays`).",
    todo: "Build and publish it anew.",
    retry: "no",
  },
  "image-too-large": {
    happened: "Does not fit the slot, by the document.",
    todo: "A smaller image, or larger slots by cable.",
    retry: "no",
  },
  "too-large": {
    happened: "Does not fit the slot, by the server.",
    todo: "A smaller image, or larger slots by cable.",
    retry: "no",
  },
  "image-magic": {
    happened: "The file is no image of an ESP32.",
    todo: "Publish the `.bin` of the application, not an archive or a page.",
    retry: "no",
  },
  "image-chip": { happened: "Built for another chip.", todo: "Target the right group.", retry: "no" },
  "image-revision": {
    happened: "Built for another revision of the chip.",
    todo: "Build for the oldest one in the group.",
    retry: "no",
  },
  "image-no-digest": {
    happened: "Built without an appended SHA-256.",
    todo: "Build with it, ESP-IDF's default.",
    retry: "no",
  },
  "image-no-descriptor": {
    happened: "Has no application descriptor.",
    todo: "Build it with ESP-IDF as the project does.",
    retry: "no",
  },
  "image-no-segments": {
    happened: "The file is no image, or a damaged one.",
    todo: "Publish the `.bin` of the application, not an archive or a page.",
    retry: "no",
  },
  "image-structure": {
    happened: "The file is no image, or a damaged one.",
    todo: "Publish the `.bin` of the application, not an archive or a page.",
    retry: "no",
  },
  "no-slot": {
    happened: "The board has no second slot, or no otadata.",
    todo: "The project's partition table, by cable.",
    retry: "no",
  },
  refused: { happened: "The application does not want it.", todo: "Whatever its log says.", retry: "no" },
});

/** `undefined` for a code that no row has. */
export function adviceFor(code: string): Advice | undefined {
  return Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined;
}
