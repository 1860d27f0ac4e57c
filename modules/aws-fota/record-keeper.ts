import { FotaError } from "./errors.js";
import { decodeRecord, emptyRecord, encodeRecord, type FotaRecord, type LastingRecord } from "./fota-record.js";
import type { StorePort } from "./ports.js";

/** The record in memory and in the store. Counts its writes into the record's own bill. */
export class RecordKeeper {
  #store: StorePort;
  #record: FotaRecord = emptyRecord();
  #stored: string | undefined;

  constructor(store: StorePort) {
    this.#store = store;
  }

  get record(): FotaRecord {
    return this.#record;
  }

  /** Reads the store. Returns what is wrong with it; the record is empty then. */
  load(): FotaError | undefined {
    try {
      const text = this.#store.read();
      this.#record = decodeRecord(text);
      this.#stored = text;
      return undefined;
    } catch (cause) {
      this.#record = emptyRecord();
      return cause instanceof FotaError ? cause : new FotaError("record-damaged", "cannot be read", { cause });
    }
  }

  /**
   * Makes `record` what a restart will find; nothing is written when it is there already. A bill that has
   * grown and a journal that went on are not worth a write.
   * @throws FotaError "record-store-failed"; the store still holds the earlier record
   */
  save(record: FotaRecord): void {
    const { bill, journal } = this.#record;
    if (encodeRecord({ ...record, bill, journal }) === this.#stored) {
      this.#record = record;
      return;
    }
    const counted = { ...record, bill: { ...record.bill, stores: record.bill.stores + 1 } };
    const text = encodeRecord(counted);
    this.guard(() => this.#store.write(text));
    this.#record = counted;
    this.#stored = text;
  }

  /**
   * Forgets the job, keeps what lasts. Keys alone are not worth a store before there was a job: its first one has them.
   * @throws FotaError "record-store-failed"
   */
  clear(lasting: LastingRecord): void {
    const record = emptyRecord(lasting);
    this.#record = record;
    const { quarantined, enforced } = lasting;
    if (this.#stored === undefined && quarantined.length === 0) return;
    if (quarantined.length === 0 && enforced.length === 0) {
      this.guard(() => this.#store.remove());
      this.#stored = undefined;
      return;
    }
    const text = encodeRecord(record);
    if (text !== this.#stored) this.guard(() => this.#store.write(text));
    this.#stored = text;
  }

  private guard(write: () => void): void {
    try {
      write();
    } catch (cause) {
      throw new FotaError("record-store-failed", cause instanceof Error ? cause.message : "", { cause });
    }
  }
}
