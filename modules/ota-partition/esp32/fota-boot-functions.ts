/**
 * The functions of `fota_boot.c` as `mc/ffi` offers them; what each returns stands in that file. `which`: 0 running, 1
 * next update slot, 2 the slot otadata selects.
 */
export interface FotaBootFunctions {
  fota_begin(): number;
  fota_set_boot(): number;
  fota_unset_boot(): number;
  fota_mark_valid(): number;
  fota_mark_invalid_and_restart(): number;
  fota_restart(): void;
  fota_rollback_enabled(): number;
  fota_chip_id(): number;
  fota_chip_revision(): number;
  fota_secure_version(): number;
  fota_reset_reason(): string;
  fota_lowest_free_memory(): number;
  fota_label(which: number): string;
  fota_address(which: number): number;
  fota_size(which: number): number;
  fota_state(which: number): number;
  fota_version(which: number): string;
  fota_project(which: number): string;
}
