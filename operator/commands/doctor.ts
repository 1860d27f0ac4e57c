import {
  type Check,
  checkBucket,
  checkClock,
  checkEndpoint,
  checkIdentity,
  checkIndexing,
  checkRole,
  checkThing,
} from "../doctor/index.js";
import { AWS_OPTIONS, BUCKET_OPTION, type FotaCommand, ROLE_OPTION } from "./command.js";
import { EXIT } from "./exits.js";

const MARKS = { good: "ok  ", bad: "BAD ", unknown: "?   " } as const;

export const DOCTOR: FotaCommand = {
  name: "doctor",
  does: "Looks at what updates need: credentials, clock, endpoint, bucket, role, indexing, and what a device may do.",
  options: [
    { flags: "--thing <NAME...>", does: "devices whose certificate and policy are looked at" },
    { flags: "--mend", does: "make the bucket when it is missing" },
    BUCKET_OPTION,
    ROLE_OPTION,
    ...AWS_OPTIONS,
  ],
  example: "--thing board-1",
  exits: { [EXIT.done]: "nothing is wrong", [EXIT.failed]: "something is, and the lines say what mends it" },
  asks: true,
  async run(call) {
    const { aws, bucket, role, options } = call;
    const checks: Check[] = [];
    const looks = [
      () => checkIdentity(aws),
      () => checkClock(aws),
      () => checkEndpoint(aws),
      () => checkBucket(aws, bucket, options.flag("mend")),
      () => checkRole(aws, role, bucket),
      () => checkIndexing(aws),
      ...options.list("thing").map((name) => () => checkThing(aws, name)),
    ];
    for (const look of looks) checks.push(await look());
    call.result(
      { checks },
      checks.flatMap(({ name, state, text, mend }) => [
        `${MARKS[state]}${name}: ${text}`,
        ...mend.map((line) => `      ${line}`),
      ]),
    );
    return checks.some(({ state }) => state === "bad") ? EXIT.failed : EXIT.done;
  },
};
