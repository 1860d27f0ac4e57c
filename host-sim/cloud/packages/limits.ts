/** Limits of the Software Package Catalog. [AWS IoT: API Reference] */
export const PACKAGE_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;
export const VERSION_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
/** At least one character, none of them a control, format, private or unassigned one. */
export const PLAIN_TEXT = /^[^\p{C}]+$/u;
export const ATTRIBUTE_NAME = /^[a-zA-Z0-9:_-]+$/;
export const MAX_DESCRIPTION_LENGTH = 1024;
/** All attributes of a version together. */
export const MAX_ATTRIBUTES_BYTES = 3 * 1024;
export const MAX_RECIPE_BYTES = 3 * 1024;
/** In the place of a version: the package is taken away. */
export const NO_VERSION = "$null";
