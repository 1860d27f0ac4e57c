/**
 * An application in a folder of its own, outside the repository, with the library beside its sources as a git submodule
 * puts it there: a copy, reached by a relative path.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ProvisionOptions, provision } from "fota-operator/provision";
import { DEFAULT_KEY_ID, simulatedKey } from "../../../host-sim/signing/index.js";
import type { ModdableSdk } from "../sdk.js";
import { buildApp, removeBuild } from "../simulator.js";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** What a submodule brings that an application's build reads. */
const PARTS = ["modules", "src", "tools/settings"];
const SUBMODULE = "moddable-aws-fota";

/** Of an application, by name. */
export type ApplicationFiles = Readonly<Record<string, string | Uint8Array>>;

export type DeviceOfApplication = Pick<
  ProvisionOptions,
  "thingName" | "endpoint" | "port" | "certificatePem" | "keyPem" | "rootPem"
> & {
  /** Folder of the simulated chip and of the preferences. */
  readonly state: string;
  /** Added to the manifest's `config`. */
  readonly config?: object;
  /** Added to the manifest. */
  readonly creation?: object;
};

/**
 * One folder and one name for mcconfig, so that the applications after the first build in seconds.
 */
export class OutsideApplication {
  readonly folder = mkdtempSync(join(tmpdir(), "moddable-outside-"));
  readonly #sdk: ModdableSdk;
  /** The manifest of one device, which includes the application's. The folder's name is the build's. */
  readonly #device: string;

  constructor(sdk: ModdableSdk) {
    this.#sdk = sdk;
    this.#device = join(this.folder, `outside-${process.pid}`);
    mkdirSync(this.#device);
    for (const part of PARTS) cpSync(join(ROOT, part), join(this.folder, SUBMODULE, part), { recursive: true });
  }

  /** Replaces the application by these files. */
  write(files: ApplicationFiles): void {
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      if (name !== SUBMODULE && path !== this.#device) rmSync(path, { recursive: true });
    }
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(this.folder, name, ".."), { recursive: true });
      writeFileSync(join(this.folder, name), content);
    }
  }

  /**
   * Builds what was written, for one device: as `npm run provision -- --manifest FILE --platform lin` prepares it.
   * @returns the path of the library that the simulator runs
   */
  async build({ state, config, creation, ...device }: DeviceOfApplication): Promise<string> {
    const manifest = join(this.folder, "manifest.json");
    const { files } = provision({ ...device, out: this.#device, project: ROOT, manifest, platform: "lin" });
    for (const { name, bytes } of files) writeFileSync(join(this.#device, name), bytes);
    const path = join(this.#device, "manifest.json");
    const provisioned: { config: object } = JSON.parse(readFileSync(path, "utf8"));
    const places = { flashFile: join(state, "board.flash"), file: { root: `${state}/` } };
    const wanted = {
      ...provisioned,
      config: { ...provisioned.config, ...places, ...config },
      ...(creation && { creation }),
    };
    writeFileSync(path, JSON.stringify(wanted, null, 2));
    return await buildApp({ sdk: this.#sdk, folder: this.#device });
  }

  remove(): void {
    removeBuild(this.#sdk, this.#device);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The public half of the key that signs the tests' images, where the examples expect one. */
export const signingKeyFile = (folder: string): ApplicationFiles => ({
  [join(folder, `${DEFAULT_KEY_ID}.der`)]: simulatedKey().publicKey,
});

/**
 * An application of `examples/` after what its README says is to be done to a copy: the paths of its manifest lead to
 * the submodule.
 */
export function exampleFiles(name: string): ApplicationFiles {
  const folder = join(ROOT, "examples", name);
  const files = readdirSync(folder).filter((file) => /\.(?:json|ts|js)$/.test(file));
  const read = (file: string) => readFileSync(join(folder, file), "utf8").replaceAll('"../../', `"./${SUBMODULE}/`);
  return { ...Object.fromEntries(files.map((file) => [file, read(file)])), ...signingKeyFile("keys") };
}
