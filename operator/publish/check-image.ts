import { FotaError, usage } from "../failure/index.js";
import { type ImageFacts, readImageFacts } from "../image/index.js";

/** An image on this computer. */
export type LocalImage = { readonly file: string; readonly bytes: Uint8Array; readonly facts: ImageFacts };

/** What the devices are known to want. */
export type Expected = {
  /** Bytes of the smallest slot. */
  readonly slotSize?: number | undefined;
  readonly chip?: string | undefined;
  readonly project?: string | undefined;
};

/** Longest version of a job document. */
const MAX_VERSION_LENGTH = 64;

/**
 * Reads an image and refuses what a device would refuse.
 * @throws FotaError "image-refused", with the device's code
 */
export function checkImage(file: string, bytes: Uint8Array, expected: Expected): LocalImage {
  const facts = readImageFacts(bytes, file);
  const { version, chip, project, size } = facts;
  if (version === "" || version.length > MAX_VERSION_LENGTH)
    throw refused(`${file}: its descriptor has no version; set CONFIG_APP_PROJECT_VER (version-mismatch)`);
  if (expected.chip !== undefined && expected.chip !== chip)
    throw refused(`${file} is built for ${chip}, not for ${expected.chip} (image-chip)`);
  if (expected.project !== undefined && expected.project !== project)
    throw refused(`${file} is an image of ${project}, not of ${expected.project} (project-mismatch)`);
  if (expected.slotSize !== undefined && size > expected.slotSize)
    throw refused(`${file} has ${size} bytes, the smallest slot ${expected.slotSize} (image-too-large)`);
  return { file, bytes, facts };
}

/** @throws FotaError for a base that no device could make the image from */
export function checkBases(image: LocalImage, bases: readonly LocalImage[]): void {
  const seen = new Set<string>();
  for (const { file, facts } of bases) {
    if (facts.sha256 === image.facts.sha256)
      throw usage(`--from ${file} is the image itself: what runs it already needs no update`);
    if (seen.has(facts.sha256)) throw usage(`--from ${file} was given twice`);
    seen.add(facts.sha256);
    if (facts.chip !== image.facts.chip)
      throw refused(`${file} is built for ${facts.chip}, ${image.file} for ${image.facts.chip} (image-chip)`);
    if (facts.project !== image.facts.project)
      throw refused(
        `${file} is an image of ${facts.project}, ${image.file} of ${image.facts.project} (project-mismatch)`,
      );
    if (bare(facts.version) === bare(image.facts.version))
      throw refused(
        `${file} and ${image.file} are both version ${facts.version}: devices would refuse it (same-version)`,
      );
  }
}

/** A leading `v` never counts. */
function bare(version: string): string {
  return version.replace(/^v/, "");
}

function refused(message: string): FotaError {
  return new FotaError("image-refused", message);
}
