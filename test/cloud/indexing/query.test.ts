import assert from "node:assert/strict";
import { AwsError } from "../../../host-sim/cloud/context/context.js";
import { type IndexFields, type IndexValue, matchesQuery } from "../../../host-sim/cloud/indexing/query/matches.js";
import { parseQuery } from "../../../host-sim/cloud/indexing/query/parse.js";

const THING: IndexFields = new Map<string, readonly IndexValue[]>([
  ["thingName", ["Pump-7"]],
  ["thingGroupNames", ["canary", "hall:2"]],
  ["attributes.place", ["Hall two North"]],
  ["shadow.name.$package.reported.sensor-fw.version", ["1.0.2"]],
  ["shadow.reported.heap", [4096]],
  ["shadow.reported.temperature", [-3.5]],
  ["connectivity.connected", [true]],
  ["shadow.name.fota.reported.quarantine", [""]],
]);

describe("a query of the fleet index", () => {
  for (const query of [
    "*",
    "thingName:pump-7",
    "thingName : PUMP-7",
    "thingName:pump*",
    "thingName:p?mp-?",
    "thingName:*-7",
    "thingName:*",
    "pump-7",
    "canary",
    "-thingName:valve",
    "NOT thingName:valve",
    "NOT NOT thingName:pump-7",
    "thingName:pump* AND connectivity.connected:true",
    "thingName:pump* connectivity.connected:true",
    "thingName:valve OR thingGroupNames:canary",
    "thingName:valve OR thingName:pump-7 AND thingGroupNames:canary",
    "(thingName:valve OR thingName:pump-7) AND NOT thingGroupNames:other",
    "thingName:(pump* AND -valve)",
    "thingGroupNames:(a OR b OR canary)",
    "thingGroupNames:hall\\:2",
    'thingGroupNames:"hall:2"',
    "attributes.place:two",
    'attributes.place:"hall TWO"',
    "shadow.name.$package.reported.sensor-fw.version:1.0.2",
    "shadow.name.$package.reported.sensor-fw.version:1.0.*",
    "shadow.name.$package.reported.sensor-fw.version:[1.0.0 TO 1.0.9]",
    "shadow.name.$package.reported.sensor-fw.version<1.0.3",
    "shadow.reported.heap:4096",
    "shadow.reported.heap:4096.0",
    "shadow.reported.heap:[4096 TO 5000]",
    "shadow.reported.heap:[* TO 5000}",
    "shadow.reported.heap > 500",
    "shadow.reported.heap:>=4096",
    "shadow.reported.heap<=4096",
    "shadow.reported.temperature:-3.5",
    "shadow.reported.temperature:[-4 TO -3]",
    "shadow.reported.temperature < -3",
  ])
    it(`${query} finds the thing`, () => assert(matchesQuery(parseQuery(query), THING)));

  for (const query of [
    "thingName:pump",
    "thingName:*pump",
    "thingname:pump-7",
    "thingName:valve AND thingGroupNames:canary",
    "NOT *",
    "attributes.place:hal",
    'attributes.place:"two hall"',
    "attributes.none:*",
    "shadow.name.fota.reported.quarantine:*",
    "connectivity.connected:false",
    "connectivity.connected:[false TO true]",
    "shadow.reported.heap:{4096 TO 5000]",
    "shadow.reported.heap>4096",
    "shadow.reported.heap:[a TO b]",
    "shadow.name.$package.reported.sensor-fw.version:{1.0.2 TO *]",
  ])
    it(`${query} does not`, () => assert(!matchesQuery(parseQuery(query), THING)));

  for (const [query, what] of [
    ["", /ends/],
    ["thingName:", /ends/],
    [":pump", /: is out of place/],
    ["(thingName:a", /parenthesis is not closed/],
    ["thingName:a)", /\) is out of place/],
    ['thingName:"a', /quotation/],
    ['thingName:""', /empty/],
    ["thingName:a\\", /backslash/],
    ["AND", /AND is out of place/],
    ["thingName:a AND", /ends/],
    ["thingName:a OR OR b", /OR is out of place/],
    ["thingName:[1 TO 2", /ends|closed/],
    ["thingName:[1 2]", /no TO/],
    ["thing*:a", /no wildcards/],
    ["thingName:roam~2", /~ is not supported/],
    ["thingName:a^2", /\^ is not supported/],
    ["thingName:/a.*/", /\/ is not supported/],
    ["a && b", /& is not supported/],
    ["!a", /! is not supported/],
    ["+a", /\+ is not supported/],
    ["geo:1,2", /, is not supported/],
    ["*a *b", /only one/],
    [`*a ${"b".repeat(100)}`, /100 characters/],
    [Array.from({ length: 13 }, (_, index) => `t${index}`).join(" "), /12 terms/],
    ["a".repeat(1001), /1000 characters/],
    [`${"(".repeat(900)}a`, /parenthesis/],
  ] as const)
    it(`${query.slice(0, 40)} is refused`, () =>
      assert.throws(
        () => parseQuery(query),
        (error) => error instanceof AwsError && error.code === "InvalidQuery" && what.test(error.message),
      ));
});
