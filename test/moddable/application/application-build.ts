/** The project's firmware, provisioned and built for Moddable's Linux simulator. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ProvisionOptions, provision } from "fota-operator/provision";
import { DEFAULT_KEY_ID, simulatedKey } from "../../../host-sim/signing/index.js";
import type { ModdableSdk } from "../sdk.js";
import { buildApp, removeBuild } from "../simulator.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Sections of a manifest that are added to what provisioning writes. */
export type ManifestAdditions = {
  readonly include?: readonly string[];
  readonly modules?: object;
  readonly preload?: readonly string[];
  readonly config?: object;
  readonly creation?: object;
};

export type ApplicationOptions = Pick<
  ProvisionOptions,
  "thingName" | "endpoint" | "port" | "certificatePem" | "keyPem" | "rootPem"
> & {
  /** Folder of the simulated chip and of the preferences: the state that a restart finds again. */
  readonly state: string;
  readonly additions?: ManifestAdditions;
};

/**
 * One folder and one name for mcconfig: building anew with other settings takes seconds, the first build up to a
 * minute.
 */
export class ApplicationBuild {
  readonly #sdk: ModdableSdk;
  readonly #folder: string;

  /** `name` must differ from those of other builds under way. */
  constructor(sdk: ModdableSdk, name: string) {
    this.#sdk = sdk;
    this.#folder = join(ROOT, "build", "moddable", `${name}-${process.pid}`);
  }

  /**
   * Provisions as `npm run provision -- --platform lin` does, adds the key of the simulated publisher, and builds.
   * @returns the path of the library the simulator runs
   */
  async build(options: ApplicationOptions): Promise<string> {
    const { state, additions = {}, ...device } = options;
    mkdirSync(this.#folder, { recursive: true });
    for (const name of readdirSync(this.#folder)) rmSync(join(this.#folder, name), { recursive: true });
    const { files } = provision({ ...device, out: this.#folder, project: ROOT, platform: "lin" });
    for (const { name, bytes } of files) {
      const content = name === "manifest.json" ? this.#manifest(bytes, state, additions) : bytes;
      writeFileSync(join(this.#folder, name), content);
    }
    writeFileSync(join(this.#folder, `${DEFAULT_KEY_ID}.der`), simulatedKey().publicKey);
    return await buildApp({ sdk: this.#sdk, folder: this.#folder });
  }

  /** Removes what the builds left in the project's and in the SDK's folders. */
  remove(): void {
    removeBuild(this.#sdk, this.#folder);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #manifest(provisioned: Uint8Array, state: string, additions: ManifestAdditions): string {
    const manifest: { include: string[]; config: object; data: { "*": string[] } } = JSON.parse(
      new TextDecoder().decode(provisioned),
    );
    const places = { flashFile: join(state, "board.flash"), file: { root: `${state}/` } };
    const config = { ...manifest.config, ...places, ...additions.config };
    const include = [...manifest.include, ...(additions.include ?? [])];
    const data = { "*": [...manifest.data["*"], `./${DEFAULT_KEY_ID}`] };
    return JSON.stringify({ ...manifest, ...additions, include, config, data }, null, 2);
  }
}
