type Members = Readonly<Record<string, unknown>>;

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What went wrong, for the one who runs the command. */
export class BomError extends Error {
  override readonly name = "BomError";
}

/** The name in a package URL: `pkg:npm/%40scope/name@1.0.0`. [purl-spec] */
function nameInPurl(purl: string): string | undefined {
  const match = /^pkg:npm\/(.+)@[^@]*$/.exec(purl);
  return match?.[1] === undefined ? undefined : decodeURIComponent(match[1]);
}

/** npm calls a package that lies in a folder of the project by that folder's name. */
function named(component: Members): Members {
  const name = typeof component.purl === "string" ? nameInPurl(component.purl) : undefined;
  if (name === undefined) throw new BomError("a component has no package URL");
  return { ...component, name };
}

/**
 * npm's bill of materials with the names that the packages really have.
 * @param text what `npm sbom` printed
 * @throws BomError when it is no CycloneDX document
 */
export function namedBom(text: string): { readonly text: string; readonly components: number } {
  let bom: unknown;
  try {
    bom = JSON.parse(text);
  } catch {
    throw new BomError("npm printed no JSON");
  }
  if (!isMembers(bom) || bom.bomFormat !== "CycloneDX") throw new BomError("npm printed no CycloneDX document");
  const { metadata, components } = bom;
  if (!isMembers(metadata) || !isMembers(metadata.component) || !Array.isArray(components))
    throw new BomError("the document names no components");
  const parts = components.filter(isMembers).map(named);
  const whole = { ...bom, metadata: { ...metadata, component: named(metadata.component) }, components: parts };
  return { text: `${JSON.stringify(whole, undefined, 2)}\n`, components: parts.length };
}
