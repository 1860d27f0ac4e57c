import assert from "node:assert/strict";
import {
  activeEntry,
  decodeOtaEntry,
  encodeOtaEntry,
  entryIsInitial,
  entryIsUnusable,
  entryIsUsable,
  makeOtaEntry,
  nextSeq,
  OTA_STATE,
  otaCrc,
  otaStateName,
  slotOfSeq,
} from "../../modules/esp32-sim/index.js";

/** [esp32-ota 3.1] */
const CRCS: readonly (readonly [number, number])[] = [
  [1, 0x4743989a],
  [2, 0x55f63774],
  [3, 0xed4a5011],
  [4, 0x709d68a8],
  [5, 0xc8210fcd],
  [6, 0xda94a023],
  [7, 0x6228c746],
  [8, 0x3a4bd710],
  [0, 0xffffffff],
  [0xffffffff, 0x2144df1c],
  [0xfffffffe, 0x99f8b879],
];

describe("otadata entry", () => {
  for (const [seq, crc] of CRCS) {
    it(`has CRC 0x${crc.toString(16)} for sequence ${seq}`, () => assert.equal(otaCrc(seq), crc));
  }

  it('stores "1 VALID" as 32 known bytes', () => {
    const bytes = encodeOtaEntry(makeOtaEntry(1, OTA_STATE.VALID));
    assert.equal(Buffer.from(bytes).toString("hex"), `01000000${"ff".repeat(20)}020000009a984347`);
    assert.deepEqual(decodeOtaEntry(bytes), makeOtaEntry(1, OTA_STATE.VALID));
  });

  it("is usable with sequence 0, since its CRC reads blank", () => {
    const entry = { ...makeOtaEntry(0, OTA_STATE.UNDEFINED), crc: 0xffffffff };
    assert.equal(entryIsUsable(entry), true);
    assert.equal(slotOfSeq(0, 2), 1);
  });

  it("is unusable by state without regard to its CRC, and initial by CRC without regard to its state", () => {
    const wrong = { ...makeOtaEntry(1, OTA_STATE.VALID), crc: 1 };
    assert.equal(entryIsUnusable(wrong), false);
    assert.equal(entryIsUsable(wrong), false);
    assert.equal(entryIsInitial(wrong), true);
    const aborted = makeOtaEntry(1, OTA_STATE.ABORTED);
    assert.equal(entryIsUnusable(aborted), true);
    assert.equal(entryIsInitial(aborted), false);
  });

  it("wins by the larger sequence, entry 0 on a tie", () => {
    const at = (seq: number) => makeOtaEntry(seq, OTA_STATE.VALID);
    assert.equal(activeEntry([at(1), at(2)]), 1);
    assert.equal(activeEntry([at(3), at(2)]), 0);
    assert.equal(activeEntry([at(2), at(2)]), 0);
    assert.equal(activeEntry([makeOtaEntry(2, OTA_STATE.INVALID), makeOtaEntry(1, OTA_STATE.ABORTED)]), -1);
  });

  it("gets the smallest sequence that selects a slot and does not fall back", () => {
    assert.equal(nextSeq(1, 2, 1), 2);
    assert.equal(nextSeq(0, 2, 2), 3);
    assert.equal(nextSeq(0, 3, 5), 7);
    assert.equal(nextSeq(2, 3, 1), 3);
    assert.equal(nextSeq(0, 2, 0xfffffffe), 0xffffffff, "the result that means blank, as in ESP-IDF");
  });

  it("names states ESP-IDF does not define by their number", () => {
    assert.equal(otaStateName(1), "PENDING_VERIFY");
    assert.equal(otaStateName(0xffffffff), "UNDEFINED");
    assert.equal(otaStateName(7), "state 7");
  });
});
