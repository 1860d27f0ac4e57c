import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Aws, isThingName, Things } from "../aws/index.js";
import { type Enrolled, Enrolment, isComplete, removeDeviceFiles, writeDeviceFiles } from "../enrol/index.js";
import { FotaError, usage } from "../failure/index.js";
import { CERTIFICATE_PEM, KEY_PEM, ProvisionError, type ProvisionedFile, provision } from "../provision/index.js";
import { bar } from "../terminal/index.js";
import { AWS_OPTIONS, type FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";

const USUAL_POLICY = "fota-device";
const USUAL_MANIFEST = "manifest.json";

export const PROVISION: FotaCommand = {
  name: "provision",
  does: "Makes things that may connect, in bulk: certificate, least policy, group, and the files of each for mcconfig.",
  takes: "<thing...>",
  options: [
    { flags: "--out <DIR>", does: "where each gets a folder of its own, closed to others" },
    { flags: "--group <NAME>", does: "a thing group that they join; it must be there" },
    { flags: "--make-group", does: "make that group when it is missing" },
    { flags: "--policy <NAME>", does: `their policy, made when it is missing (default ${USUAL_POLICY})` },
    { flags: "--report <SHADOW>", does: "a new policy lets them report to fota or $package (default neither)" },
    { flags: "--manifest <FILE>", does: `the application's manifest (default ${USUAL_MANIFEST})` },
    { flags: "--platform <P>", does: "for mcconfig -p (default esp32)" },
    ...AWS_OPTIONS,
  ],
  example: "board-1 board-2 --group fleet --out devices",
  exits: { [EXIT.done]: "all of them are there" },
  asks: true,
  async run(call) {
    const { options } = call;
    const out = resolve(options.required("out"));
    const names = [...new Set(call.args)];
    if (names.length === 0) throw usage("the name of a thing is missing");
    for (const name of names) if (!isThingName(name)) throw usage(`${name} is no name of a thing`);
    const manifest = resolve(options.text("manifest") ?? USUAL_MANIFEST);
    if (!existsSync(manifest)) throw usage(`--manifest ${manifest} is not there`);
    const group = options.text("group");
    const shadow = options.text("report");
    if (shadow !== undefined && shadow !== "fota" && shadow !== "$package")
      throw usage(`--report ${shadow}: fota or $package`);
    // A thing is made whole or not at all: Ctrl-C is heard between two of them.
    const aws = call.unstoppable();
    if (group !== undefined) await needGroup(aws, group, options.flag("makeGroup"), (text) => call.say(text));
    const place = await placeOf(aws);
    const platform = options.text("platform");
    let files: readonly ProvisionedFile[] = [];
    const lines: string[] = [];
    const keep = (enrolled: Enrolled) => {
      const dir = join(out, enrolled.thing);
      const made = filesOf(enrolled, { dir, manifest, platform, ...place });
      files = made.files;
      writeDeviceFiles(dir, files);
      lines.push(made.line);
    };
    const enrolment = new Enrolment(aws, { policy: options.text("policy") ?? USUAL_POLICY, group, shadow, keep });
    const done: string[] = [];
    for (const name of names) {
      if (call.signal.aborted) throw stopped(done, names, out);
      call.screen.live([bar(done.length, names.length, name)]);
      const dir = join(out, name);
      if (isComplete(dir)) call.say(`${name}: ${dir} is there already`);
      else {
        files = [];
        try {
          for (const note of await enrolment.enrol(name)) call.say(note);
        } catch (error) {
          removeDeviceFiles(dir, files);
          call.screen.settle();
          if (done.length > 0) call.say(`${done.length} of ${names.length} are done; call it again for the others`);
          throw error;
        }
      }
      done.push(name);
    }
    call.screen.settle();
    call.result({ things: done, out, mcconfig: lines }, [`${done.length} things: ${out}`, ...lines]);
    return EXIT.done;
  },
};

type Place = { readonly endpoint: string; readonly port: number | undefined; readonly rootPem: string | undefined };

async function placeOf(aws: Aws): Promise<Place> {
  if (aws.local !== undefined) {
    const { mqtt, ca } = aws.local;
    return { endpoint: mqtt.host, port: mqtt.port, rootPem: ca };
  }
  return { endpoint: await aws.deviceEndpoint(), port: undefined, rootPem: undefined };
}

async function needGroup(aws: Aws, name: string, make: boolean, said: (text: string) => void): Promise<void> {
  const things = new Things(aws);
  if ((await things.group(name)) !== undefined) return;
  if (!make) throw usage(`there is no thing group ${name}`, "--make-group makes it");
  await things.groupOf([], name, said);
}

type FilesWish = Place & { readonly dir: string; readonly manifest: string; readonly platform: string | undefined };

function filesOf(enrolled: Enrolled, { dir, manifest, platform, endpoint, port, rootPem }: FilesWish) {
  const { thing: thingName, certificatePem, keyPem } = enrolled;
  const cwd = process.cwd();
  try {
    const wish = {
      thingName,
      endpoint,
      port,
      certificatePem,
      keyPem,
      rootPem,
      out: dir,
      project: cwd,
      cwd,
      manifest,
      platform,
    };
    const { files, mcconfigLine } = provision(wish);
    const pem = (name: string, text: string, secret: boolean): ProvisionedFile => ({
      name,
      bytes: Buffer.from(text),
      secret,
    });
    const given = [pem(KEY_PEM, keyPem, true), pem(CERTIFICATE_PEM, certificatePem, false)];
    return { files: [...given, ...files], line: mcconfigLine };
  } catch (error) {
    if (error instanceof ProvisionError) throw usage(error.message);
    throw error;
  }
}

function stopped(done: readonly string[], names: readonly string[], out: string): FotaError {
  return new FotaError("interrupted", `stopped after ${done.length} of ${names.length}; these are whole: ${out}`, {
    mend: ["call it again for the others: those that are there are passed over"],
  });
}
