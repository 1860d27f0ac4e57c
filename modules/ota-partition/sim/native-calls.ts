import { ESP_ERR, type Esp32, OTA_STATE, OTA_WITH_SEQUENTIAL_WRITES, type Partition } from "../../esp32-sim/index.js";
import type { FotaBootFunctions } from "../esp32/fota-boot-functions.js";

/** The board around a simulated chip. `restart` ends the running firmware; it may throw or return. */
export type SimulatedBoard = { esp32: Esp32; resetReason(): string; restart(): void };

const ESP32_CHIP_ID = 0;

/** The functions of `fota_boot.c`, executed on a simulated chip: same calls, same order, same numbers. */
export class SimulatedBootFunctions implements FotaBootFunctions {
  #board: SimulatedBoard;

  constructor(board: SimulatedBoard) {
    this.#board = board;
  }

  fota_begin(): number {
    const { ota } = this.#board.esp32;
    const slot = this.slot(1);
    if (!slot) return ESP_ERR.ESP_ERR_NOT_FOUND;
    if (slot === this.slot(0)) return ESP_ERR.ESP_ERR_OTA_PARTITION_CONFLICT;
    const selected = this.selectRunning();
    if (selected !== ESP_ERR.ESP_OK) return selected;
    const { error, handle } = ota.begin(slot, OTA_WITH_SEQUENTIAL_WRITES);
    return error === ESP_ERR.ESP_OK ? ota.abort(handle) : error;
  }

  fota_set_boot(): number {
    const slot = this.slot(1);
    if (!slot) return ESP_ERR.ESP_ERR_NOT_FOUND;
    if (slot === this.slot(0)) return ESP_ERR.ESP_ERR_OTA_PARTITION_CONFLICT;
    return this.#board.esp32.ota.setBootPartition(slot);
  }

  fota_unset_boot(): number {
    const running = this.slot(0);
    if (!running) return ESP_ERR.ESP_ERR_NOT_FOUND;
    return running === this.slot(2) ? ESP_ERR.ESP_OK : this.#board.esp32.ota.markInvalidRollback();
  }

  fota_mark_valid(): number {
    const { ota } = this.#board.esp32;
    const { error, state } = ota.statePartition(this.slot(0));
    if (error !== ESP_ERR.ESP_OK) return error;
    if (this.slot(0) !== this.slot(2)) return ESP_ERR.ESP_ERR_INVALID_STATE;
    if (state === OTA_STATE.VALID || state === OTA_STATE.UNDEFINED) return ESP_ERR.ESP_OK;
    if (state !== OTA_STATE.PENDING_VERIFY && state !== OTA_STATE.NEW) return ESP_ERR.ESP_ERR_INVALID_STATE;
    return ota.markValid();
  }

  fota_mark_invalid_and_restart(): number {
    if (this.slot(0) !== this.slot(2)) return ESP_ERR.ESP_ERR_INVALID_STATE;
    const error = this.#board.esp32.ota.markInvalidRollback();
    if (error === ESP_ERR.ESP_OK) this.#board.restart();
    return error;
  }

  fota_restart(): void {
    this.#board.restart();
  }

  fota_rollback_enabled(): number {
    return this.#board.esp32.rollback ? 1 : 0;
  }

  fota_chip_id(): number {
    return ESP32_CHIP_ID;
  }

  fota_chip_revision(): number {
    return this.#board.esp32.chipRevision;
  }

  fota_secure_version(): number {
    return this.#board.esp32.secureVersion;
  }

  fota_reset_reason(): string {
    return this.#board.resetReason();
  }

  /** The memory of a computer says nothing about a board's: 0 stands for not known. */
  fota_lowest_free_memory(): number {
    return 0;
  }

  fota_label(which: number): string {
    return this.slot(which)?.label ?? "";
  }

  fota_address(which: number): number {
    return this.slot(which)?.offset ?? 0;
  }

  fota_size(which: number): number {
    return this.slot(which)?.size ?? 0;
  }

  fota_state(which: number): number {
    const { error, state } = this.#board.esp32.ota.statePartition(this.slot(which));
    if (error !== ESP_ERR.ESP_OK) return -2;
    if (state === OTA_STATE.UNDEFINED) return -1;
    return state <= OTA_STATE.ABORTED ? state : 5;
  }

  fota_version(which: number): string {
    return printable(this.#board.esp32.ota.partitionDescription(this.slot(which)).descriptor?.version);
  }

  fota_project(which: number): string {
    return printable(this.#board.esp32.ota.partitionDescription(this.slot(which)).descriptor?.project);
  }

  private selectRunning(): number {
    const { ota } = this.#board.esp32;
    const running = this.slot(0);
    const isSelected = () => running === this.slot(2);
    const { error, state } = ota.statePartition(running);
    const isKnown = error === ESP_ERR.ESP_OK;
    if (error === ESP_ERR.ESP_ERR_NOT_SUPPORTED || (isKnown && state === OTA_STATE.PENDING_VERIFY))
      return ESP_ERR.ESP_OK;
    if (!isSelected()) ota.markInvalidRollback();
    if (isKnown && state !== OTA_STATE.INVALID && state !== OTA_STATE.ABORTED && isSelected()) return ESP_ERR.ESP_OK;
    const set = ota.setBootPartition(running);
    return set === ESP_ERR.ESP_OK ? ota.markValid() : set;
  }

  private slot(which: number): Partition | undefined {
    const { ota } = this.#board.esp32;
    if (which === 0) return ota.runningPartition();
    if (which === 1) return ota.nextUpdatePartition();
    return which === 2 ? ota.bootPartition() : undefined;
  }
}

function printable(text = ""): string {
  let result = "";
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    result += code >= 0x20 && code < 0x7f ? text.charAt(index) : "?";
  }
  return result;
}

/**
 * Executes a function of `fota_boot.c` by name, for a host that gets calls as messages. Arguments are coerced as the
 * FFI glue does: what is no number is 0.
 * @throws RangeError for a name `fota_boot.c` does not have
 */
export function callNative(name: string, args: readonly unknown[], board: SimulatedBoard): number | string | undefined {
  const functions = new SimulatedBootFunctions(board);
  const which = Math.trunc(Number(args[0])) || 0;
  switch (name) {
    case "fota_restart":
      functions.fota_restart();
      return undefined;
    case "fota_begin":
    case "fota_set_boot":
    case "fota_unset_boot":
    case "fota_mark_valid":
    case "fota_mark_invalid_and_restart":
    case "fota_rollback_enabled":
    case "fota_chip_id":
    case "fota_chip_revision":
    case "fota_secure_version":
    case "fota_reset_reason":
    case "fota_lowest_free_memory":
      return functions[name]();
    case "fota_label":
    case "fota_address":
    case "fota_size":
    case "fota_state":
    case "fota_version":
    case "fota_project":
      return functions[name](which);
    default:
      throw new RangeError(`fota_boot.c has no function ${name}`);
  }
}
