/** Limits of the Device Shadow service. [AWS IoT Core: Device Shadow quotas; Device Shadow error messages] */

/** JSON text of `state`; metadata does not count. */
export const MAX_STATE_BYTES = 8 * 1024;
/** Levels below `desired` and below `reported`. */
export const MAX_STATE_DEPTH = 6;
export const MAX_CLIENT_TOKEN_BYTES = 64;
/** Names that begin with `$` are AWS's own, such as `$package`. */
export const SHADOW_NAME = /^[$a-zA-Z0-9:_-]{1,64}$/;
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 25;
