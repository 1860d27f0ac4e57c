import type { FotaDownloadOptions, FotaDownloadSettings, FotaDownloadStats } from "./fota-download-options.js";
import { settingsFrom } from "./fota-download-options.js";

export class FotaDownload {
  readonly #settings: FotaDownloadSettings;
  #offset: number;

  /** @throws FotaDownloadError "bad-option" */
  constructor(options: FotaDownloadOptions) {
    this.#settings = settingsFrom(options);
    this.#offset = this.#settings.offset;
  }
  get offset(): number {
    return this.#offset;
  }
  get stats(): FotaDownloadStats {
    return { requests: 0, connections: 0, retries: 0, bytes: 0 };
  }
  start(): void {}
  resume(): void {}
  close(): void {}
}
