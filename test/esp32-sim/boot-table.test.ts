import assert from "node:assert/strict";
import { type Chip, chipWith, FACTORY_AND_TWO_SLOTS, imageOf } from "./support/chip.js";

type Row = {
  id: string;
  entries: [string, string];
  /** Which of [factory,] ota_0, ota_1 hold a good image: "ok bad". */
  slots: string;
  boots: string;
  /** Entries afterwards; "=" is unchanged. */
  after: [string, string];
  /** With rollback off: the slot where it differs, and entry 0 where it is written. */
  off?: { boots?: string; entry0?: string };
};

const BAD = new Uint8Array(64);

/** [esp32-ota 3.3], two slots without factory. A row with alternatives stands once for each. */
const ROWS: readonly Row[] = [
  row("1", "blank", "blank", "ok ok", "ota_0", "1 VALID", "=", { entry0: "1 VALID" }),
  row("2", "blank", "blank", "bad ok", "ota_1", "2 VALID", "=", { entry0: "2 VALID" }),
  row("3", "blank", "blank", "ok bad", "ota_0", "1 VALID", "=", { entry0: "1 VALID" }),
  row("4", "blank", "blank", "bad bad", "none", "=", "="),
  row("5", "1 UNDEFINED", "blank", "ok ok", "ota_0", "=", "="),
  row("6", "1 VALID", "blank", "ok ok", "ota_0", "=", "="),
  row("7", "1 VALID", "blank", "bad ok", "ota_1", "=", "="),
  row("8", "1 NEW", "blank", "ok ok", "ota_0", "1 PENDING", "="),
  row("9", "1 PENDING", "blank", "ok ok", "ota_0", "1 ABORTED", "="),
  row("10 aborted", "1 ABORTED", "blank", "ok ok", "ota_0", "=", "="),
  row("10 invalid", "1 INVALID", "blank", "ok ok", "ota_0", "=", "="),
  row("11", "1 VALID bad", "blank", "ok ok", "ota_0", "=", "="),
  row("12", "1 PENDING bad", "blank", "ok ok", "ota_0", "1 VALID", "="),
  row("13 valid", "blank", "2 VALID", "ok ok", "ota_1", "=", "="),
  row("13 undefined", "blank", "2 UNDEFINED", "ok ok", "ota_1", "=", "="),
  row("14", "blank", "2 NEW", "ok ok", "ota_1", "=", "2 PENDING"),
  row("15", "blank", "2 NEW", "ok bad", "ota_0", "=", "2 PENDING"),
  row("16", "blank", "2 PENDING", "ok ok", "ota_0", "=", "2 ABORTED", { boots: "ota_1" }),
  row("17", "blank", "2 ABORTED", "ok ok", "ota_0", "=", "="),
  row("18", "blank", "2 ABORTED", "bad ok", "ota_1", "=", "="),
  row("19", "1 VALID", "2 NEW", "ok ok", "ota_1", "=", "2 PENDING"),
  row("20", "1 VALID", "2 NEW", "ok bad", "ota_0", "=", "2 PENDING"),
  row("21", "1 VALID", "2 NEW", "bad ok", "ota_1", "=", "2 PENDING"),
  row("22", "1 VALID", "2 NEW", "bad bad", "none", "=", "2 PENDING"),
  row("23", "1 VALID", "2 PENDING", "ok ok", "ota_0", "=", "2 ABORTED", { boots: "ota_1" }),
  row("24", "1 VALID", "2 PENDING", "bad ok", "ota_1", "=", "2 ABORTED"),
  row("25", "1 VALID", "2 PENDING", "ok bad", "ota_0", "=", "2 ABORTED"),
  row("26 valid", "1 VALID", "2 VALID", "ok ok", "ota_1", "=", "="),
  row("26 undefined", "1 VALID", "2 UNDEFINED", "ok ok", "ota_1", "=", "="),
  row("27", "1 VALID", "2 VALID", "ok bad", "ota_0", "=", "="),
  row("28 invalid", "1 VALID", "2 INVALID", "ok ok", "ota_0", "=", "="),
  row("28 aborted", "1 VALID", "2 ABORTED", "ok ok", "ota_0", "=", "="),
  row("29", "1 VALID", "2 ABORTED", "bad ok", "ota_1", "=", "="),
  row("30", "1 VALID", "2 NEW bad", "ok ok", "ota_0", "=", "="),
  row("31", "3 NEW", "2 VALID", "ok ok", "ota_0", "3 PENDING", "="),
  row("32", "3 NEW", "2 VALID", "bad ok", "ota_1", "3 PENDING", "="),
  row("33", "3 PENDING", "2 VALID", "ok ok", "ota_1", "3 ABORTED", "=", { boots: "ota_0" }),
  row("34 aborted", "3 ABORTED", "2 VALID", "ok ok", "ota_1", "=", "="),
  row("34 invalid", "3 INVALID", "2 VALID", "ok ok", "ota_1", "=", "="),
  row("35", "3 VALID", "2 VALID", "ok ok", "ota_0", "=", "="),
  row("36", "3 VALID", "2 ABORTED", "ok ok", "ota_0", "=", "="),
  row("37", "1 UNDEFINED", "2 NEW", "ok ok", "ota_1", "=", "2 PENDING"),
  row("38", "1 NEW", "2 NEW", "ok ok", "ota_1", "=", "2 PENDING"),
  row("39", "1 PENDING", "2 PENDING", "ok ok", "ota_0", "1 ABORTED", "2 ABORTED", { boots: "ota_1" }),
  row("40", "1 PENDING", "2 NEW", "ok ok", "ota_1", "1 ABORTED", "2 PENDING"),
  row("41", "1 ABORTED", "2 NEW", "ok ok", "ota_1", "=", "2 PENDING"),
  row("42", "1 ABORTED", "2 PENDING", "ok ok", "ota_0", "=", "2 ABORTED", { boots: "ota_1" }),
  row("43", "1 INVALID", "2 ABORTED", "ok ok", "ota_0", "=", "="),
  row("44", "1 INVALID", "2 ABORTED", "bad ok", "ota_1", "=", "="),
  row("45", "1 INVALID", "2 INVALID", "bad bad", "none", "=", "="),
  row("46", "2 VALID", "2 VALID", "ok ok", "ota_1", "=", "="),
  row("47", "1 VALID", "1 NEW", "ok ok", "ota_0", "=", "="),
  row("48", "1 VALID", "3 NEW", "ok ok", "ota_0", "=", "3 PENDING"),
  row("49", "0 VALID", "blank", "ok ok", "ota_1", "=", "="),
  row("50", "1 5", "blank", "ok ok", "ota_0", "=", "="),
  row("51", "1 VALID bad", "2 VALID bad", "ok ok", "ota_0", "=", "="),
  row("52", "1 VALID bad", "2 ABORTED", "ok ok", "ota_0", "=", "="),
  row("53", "1 ABORTED bad", "2 ABORTED bad", "ok ok", "ota_0", "1 VALID", "=", { entry0: "1 VALID" }),
];

/** With a factory application, rollback on. "any" is tried both ways. */
const FACTORY_ROWS: readonly Row[] = [
  row("F1 ok", "blank", "blank", "ok ok ok", "factory", "=", "="),
  row("F1 bad", "blank", "blank", "ok bad bad", "factory", "=", "="),
  row("F2", "blank", "blank", "bad ok ok", "ota_0", "=", "="),
  row("F3", "1 NEW", "blank", "ok ok ok", "ota_0", "1 PENDING", "="),
  row("F4", "1 NEW", "blank", "ok bad ok", "factory", "1 PENDING", "="),
  row("F5", "1 NEW", "blank", "bad bad ok", "ota_1", "1 PENDING", "="),
  row("F6", "1 PENDING", "blank", "ok ok ok", "factory", "1 ABORTED", "="),
  row("F7", "blank", "2 NEW", "ok ok bad", "ota_0", "=", "2 PENDING"),
  row("F8", "1 VALID", "2 NEW", "ok ok bad", "ota_0", "=", "2 PENDING"),
  row("F9", "1 VALID", "2 PENDING", "ok ok ok", "ota_0", "=", "2 ABORTED"),
  row("F10", "1 ABORTED", "2 ABORTED", "ok ok ok", "factory", "=", "="),
  row("F11 blank", "1 VALID bad", "blank", "ok ok ok", "factory", "=", "="),
  row("F11 wrong", "1 VALID bad", "2 VALID bad", "ok ok ok", "factory", "=", "="),
  row("F12", "1 VALID bad", "blank", "bad ok ok", "ota_0", "=", "="),
];

function row(
  id: string,
  entry0: string,
  entry1: string,
  slots: string,
  boots: string,
  after0: string,
  after1: string,
  off?: Row["off"],
): Row {
  return { id, entries: [entry0, entry1], slots, boots, after: [after0, after1], ...(off && { off }) };
}

function chipFor(entry: Row, labels: readonly string[], csv: string | undefined, rollback: boolean): Chip {
  const images: Record<string, Uint8Array> = {};
  entry.slots.split(" ").forEach((quality, index) => {
    const label = labels[index] ?? "";
    images[label] = quality === "ok" ? imageOf(`1.0.${index}`) : BAD;
  });
  return chipWith({ ...(csv && { csv }), entries: entry.entries, images, rollback });
}

function bootedLabel(chip: Chip): string {
  const result = chip.esp32.boot();
  return result.outcome === "app" ? result.label : "none";
}

const unchanged = (after: string, before: string): string => (after === "=" ? before : after);

describe("bootloader choice between two slots", () => {
  for (const entry of ROWS) {
    const title = `${entry.id}: ${entry.entries.join(" / ")}, images ${entry.slots}`;
    it(`boots ${entry.boots} with rollback in row ${title}`, () => {
      const chip = chipFor(entry, ["ota_0", "ota_1"], undefined, true);
      assert.equal(bootedLabel(chip), entry.boots);
      assert.deepEqual(chip.entries(), [
        unchanged(entry.after[0], entry.entries[0]),
        unchanged(entry.after[1], entry.entries[1]),
      ]);
    });

    it(`boots ${entry.off?.boots ?? entry.boots} without rollback in row ${title}`, () => {
      const chip = chipFor(entry, ["ota_0", "ota_1"], undefined, false);
      assert.equal(bootedLabel(chip), entry.off?.boots ?? entry.boots);
      assert.deepEqual(chip.entries(), [entry.off?.entry0 ?? entry.entries[0], entry.entries[1]]);
      if (!entry.off?.entry0) assert.equal(chip.writes(), 0, "no flash effect");
    });
  }
});

describe("bootloader choice with a factory application", () => {
  for (const entry of FACTORY_ROWS) {
    it(`boots ${entry.boots} in row ${entry.id}: ${entry.entries.join(" / ")}, images ${entry.slots}`, () => {
      const csv = FACTORY_AND_TWO_SLOTS;
      const chip = chipFor(entry, ["factory", "ota_0", "ota_1"], csv, true);
      assert.equal(bootedLabel(chip), entry.boots);
      assert.deepEqual(chip.entries(), [
        unchanged(entry.after[0], entry.entries[0]),
        unchanged(entry.after[1], entry.entries[1]),
      ]);
    });
  }
});
