import { FotaError, usage } from "../failure/index.js";
import { chipNames, isChipName, readSlots, smallestSlot } from "../image/index.js";
import {
  type CanaryWish,
  checkBases,
  checkImage,
  packageVersion,
  planPublish,
  storeImage,
  USUAL_SOAK_MINUTES,
} from "../publish/index.js";
import { isKeyId, KEY_ID_RULE, readImageFile, readSigningKeyFile, type SigningKey } from "../signing/index.js";
import { bar } from "../terminal/index.js";
import {
  AWS_OPTIONS,
  BUCKET_OPTION,
  type Call,
  type FotaCommand,
  JOB_OPTION,
  jobName,
  type Options,
  ROLE_OPTION,
} from "./command.js";
import { EXIT } from "./exits.js";
import { SETTINGS_OPTIONS, settingsOf } from "./settings-options.js";

export const PUBLISH: FotaCommand = {
  name: "publish",
  does: "Signs an image, uploads it and makes the job that brings it to things. The same call twice makes one job.",
  takes: "<image>",
  options: [
    { flags: "--to <NAME...>", does: "things and thing groups that get it" },
    { flags: "--key <FILE>", does: "the private key that signs it (PEM)" },
    { flags: "--key-id <ID>", does: "which of its keys the firmware shall take" },
    { flags: "--unsigned", does: "publish without a signature: most devices refuse that" },
    { flags: "--from <IMAGE...>", does: "images that devices may run: each gets a patch" },
    { flags: "--compressed", does: "also a patch that needs no base: the image compressed" },
    { flags: "--canary <N|GROUP>", does: "so many of the things first, or those of a group" },
    { flags: "--soak <MIN>", does: `minutes that the first have to be well (default ${USUAL_SOAK_MINUTES})` },
    { flags: "--canary-fail <F%>", does: "share of the first that may fail (default 0 %)" },
    ...SETTINGS_OPTIONS,
    { flags: "--package <NAME>", does: "a software package of AWS IoT, made when it is missing, as is its version" },
    { flags: "--partitions <FILE>", does: "the devices' partition table: refuse what does not fit" },
    { flags: "--chip <NAME>", does: "the devices' chip: refuse an image for another" },
    { flags: "--project <NAME>", does: "the devices' project: refuse an image of another" },
    { flags: "--force", does: "devices install it although they run that version, or refused it before" },
    JOB_OPTION,
    { flags: "--store", does: "only put it into the bucket, for a rollback to it later" },
    { flags: "--dry-run", does: "say what would be done, and do nothing" },
    BUCKET_OPTION,
    ROLE_OPTION,
    ...AWS_OPTIONS,
  ],
  example: "build/app.bin --to fleet --key keys/code-signing-key.private.pem --canary 10 --stop-at 5%",
  exits: { [EXIT.done]: "the job is there", [EXIT.imageRefused]: "devices would refuse the image; nothing was done" },
  asks: true,
  async run(call) {
    const { options } = call;
    if (options.flag("store")) return await store(call);
    const to = options.list("to");
    if (to.length === 0) throw usage("--to is missing: things and thing groups");
    const key = signingKey(options);
    const keyId = keyName(options);
    const jobId = jobName(options);
    const expected = expectation(options);
    const image = checkImage(call.only, readImageFile(call.only), expected);
    const bases = options.list("from").map((file) => checkImage(file, readImageFile(file), {}));
    checkBases(image, bases);
    const packageName = options.text("package");
    const plan = await planPublish(call.aws, {
      image,
      to,
      bucket: call.bucket,
      role: call.role,
      key,
      keyId,
      bases,
      compressed: options.flag("compressed"),
      canary: canary(options),
      settings: settingsOf(options),
      package: packageName === undefined ? undefined : packageVersion(packageName, image.facts.version),
      force: options.flag("force"),
      jobId,
    });
    for (const line of plan.lines) call.say(line);
    if (options.flag("dryRun")) {
      call.result({ jobId: plan.jobId, dryRun: true, exists: plan.existing !== undefined }, []);
      return EXIT.done;
    }
    return await perform(call, plan);
  },
};

/** Without a job. */
async function store(call: Call): Promise<number> {
  const { options, screen } = call;
  if (options.list("to").length > 0) throw usage("--store and --to exclude each other");
  const key = signingKey(options);
  const image = checkImage(call.only, readImageFile(call.only), expectation(options));
  const wish = { image, bucket: call.bucket, key, keyId: keyName(options) };
  const stored = await storeImage(call.aws, wish, (sent, of) => screen.live([bar(sent, of, `${sent} of ${of} bytes`)]));
  screen.settle();
  call.result(stored, [`s3://${stored.bucket}/${stored.key}${stored.made ? "" : " was there already"}`]);
  return EXIT.done;
}

/** @throws FotaError "usage" */
function keyName(options: Options): string | undefined {
  const keyId = options.text("keyId");
  if (keyId !== undefined && !isKeyId(keyId)) throw usage(`--key-id ${keyId}: ${KEY_ID_RULE}`);
  return keyId;
}

async function perform(call: Call, plan: Awaited<ReturnType<typeof planPublish>>): Promise<number> {
  try {
    const published = await plan.perform(
      (text) => call.say(text),
      (sent, of) => call.screen.live([bar(sent, of, `${sent} of ${of} bytes`)]),
    );
    call.screen.settle();
    const { jobId, made, status } = published;
    call.result(published, [
      made ? `${jobId}` : `${jobId} was there already (${status})`,
      ...(made ? [`${call.tool} watch ${jobId}`] : []),
    ]);
    return EXIT.done;
  } catch (error) {
    call.screen.settle();
    if (error instanceof FotaError && error.code === "interrupted")
      throw new FotaError(
        "interrupted",
        `stopped; call it again to go on, or ${call.tool} cancel ${plan.jobId} if the job is there`,
      );
    throw error;
  }
}

function signingKey(options: Options): SigningKey | undefined {
  const file = options.text("key");
  if (options.flag("unsigned")) {
    if (file !== undefined) throw usage("--unsigned and --key exclude each other");
    return undefined;
  }
  if (file === undefined)
    throw usage(
      "--key is missing: devices refuse what nobody signed",
      "fota keygen --out keys makes one",
      "--unsigned",
    );
  return readSigningKeyFile(file);
}

function expectation(options: Options) {
  const table = options.text("partitions");
  const chip = options.text("chip");
  if (chip !== undefined && !isChipName(chip)) throw usage(`--chip ${chip}: one of ${chipNames().join(", ")}`);
  const slotSize = table === undefined ? undefined : smallestSlot(readSlots(readImageFile(table), table));
  return { slotSize, chip, project: options.text("project") };
}

function canary(options: Options): CanaryWish | undefined {
  const text = options.text("canary");
  const soak = options.number("soak", { min: 0, max: 10080 });
  const fail = options.number("canaryFail", { min: 0, max: 100, unit: "%", whole: false });
  if (text === undefined) {
    if (soak !== undefined || fail !== undefined) throw usage("--soak and --canary-fail need --canary");
    return undefined;
  }
  const first = /^\d+$/.test(text) ? Number(text) : text;
  return { first, soak: soak ?? USUAL_SOAK_MINUTES, fail: fail ?? 0 };
}
