import { arnOf } from "../../context/arns.js";
import { optionalText } from "../input.js";
import { pageOf, pageStart } from "../paging.js";
import type { ThingRecord } from "../records.js";
import type { IotOperation } from "../service.js";

/** [AWS IoT: ListThings] Filters: `attributeName` with `attributeValue`, `thingTypeName`. */
export const listThings: IotOperation = ({ context, registry }, input) => {
  const attribute = optionalText(input, "attributeName");
  const value = optionalText(input, "attributeValue");
  const type = optionalText(input, "thingTypeName");
  const attributeOf = (thing: ThingRecord, name: string) =>
    Object.hasOwn(thing.attributes, name) ? thing.attributes[name] : undefined;
  const isWanted = (thing: ThingRecord) =>
    (type === undefined || thing.thingTypeName === type) &&
    (attribute === undefined ||
      (value === undefined ? attributeOf(thing, attribute) !== undefined : attributeOf(thing, attribute) === value));
  function* wanted() {
    for (const thing of registry.things(pageStart(input))) if (isWanted(thing)) yield thing;
  }
  const page = pageOf(wanted(), (thing) => thing.thingName, input);
  const things = page.items.map(({ thingId: _, ...thing }) => ({
    ...thing,
    thingArn: arnOf(context, "thing", thing.thingName),
  }));
  return { things, ...page.next };
};
