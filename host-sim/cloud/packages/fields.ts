import {
  invalidRequest,
  isObject,
  type OperationInput,
  optionalObject,
  optionalText,
  requiredText,
} from "../context/fields.js";
import {
  ATTRIBUTE_NAME,
  MAX_ATTRIBUTES_BYTES,
  MAX_DESCRIPTION_LENGTH,
  MAX_RECIPE_BYTES,
  PACKAGE_NAME,
  PLAIN_TEXT,
  VERSION_NAME,
} from "./limits.js";
import type { Artifact } from "./records.js";

export function packageNameIn(input: OperationInput): string {
  return requiredText(input, "packageName", { pattern: PACKAGE_NAME });
}

export function versionNameIn(input: OperationInput): string {
  return requiredText(input, "versionName", { pattern: VERSION_NAME });
}

export function descriptionIn(input: OperationInput): string | undefined {
  const description = optionalText(input, "description", { maxLength: MAX_DESCRIPTION_LENGTH });
  if (description === undefined || description === "") return description;
  if (!PLAIN_TEXT.test(description)) throw invalidRequest("description has characters that are not allowed");
  return description;
}

export function clientTokenIn(input: OperationInput): string | undefined {
  return optionalText(input, "clientToken", { pattern: /^\S{36,64}$/ });
}

export function attributesIn(input: OperationInput): Readonly<Record<string, string>> | undefined {
  const given = optionalObject(input, "attributes");
  if (given === undefined) return undefined;
  const attributes = Object.entries(given).map(([name, value]): [string, string] => {
    if (!ATTRIBUTE_NAME.test(name)) throw invalidRequest("attributes has a name that is not allowed");
    if (typeof value !== "string" || !PLAIN_TEXT.test(value)) {
      throw invalidRequest(`attributes.${name.slice(0, 128)} must be a text without control characters`);
    }
    return [name, value];
  });
  const bytes = attributes.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes > MAX_ATTRIBUTES_BYTES) throw invalidRequest(`attributes are longer than ${MAX_ATTRIBUTES_BYTES} bytes`);
  return Object.fromEntries(attributes);
}

export function artifactIn(input: OperationInput): Artifact | undefined {
  const artifact = optionalObject(input, "artifact");
  if (artifact === undefined) return undefined;
  const location = optionalObject(artifact, "s3Location");
  if (!isObject(location)) throw invalidRequest("artifact.s3Location is required");
  const version = optionalText(location, "version");
  return {
    s3Location: {
      bucket: requiredText(location, "bucket"),
      key: requiredText(location, "key"),
      ...(version === undefined ? {} : { version }),
    },
  };
}

export function recipeIn(input: OperationInput): string | undefined {
  const recipe = optionalText(input, "recipe");
  if (recipe !== undefined && Buffer.byteLength(recipe) > MAX_RECIPE_BYTES) {
    throw invalidRequest(`recipe is longer than ${MAX_RECIPE_BYTES} bytes`);
  }
  return recipe;
}
