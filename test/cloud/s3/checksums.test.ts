import assert from "node:assert/strict";
import { checksumOf } from "../../../host-sim/cloud/s3/checksums.js";

const CHECK = [Buffer.from("1234"), Buffer.from("56789")];
const hex = (base64: string) => Buffer.from(base64, "base64").toString("hex");

describe("checksums of uploads", () => {
  it("have the published check values for the digits 1 to 9", () => {
    assert.equal(hex(checksumOf("crc32", CHECK)), "cbf43926");
    assert.equal(hex(checksumOf("crc32c", CHECK)), "e3069283");
    assert.equal(hex(checksumOf("crc64nvme", CHECK)), "ae8b14860a799888");
    assert.equal(hex(checksumOf("sha1", CHECK)), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
  });
});
