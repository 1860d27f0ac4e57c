/** Names of things and of thing groups. [AWS IoT: CreateThing, CreateThingGroup] */
export const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;

/** Whether AWS IoT takes `text` as the name of a thing: 1 to 128 letters, digits, `:`, `_` or `-`. */
export function isThingName(text: string): boolean {
  return THING_NAME.test(text);
}
