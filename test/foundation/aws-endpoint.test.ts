import assert from "node:assert/strict";
import { endpointKind, endpointProblem } from "../../modules/foundation/aws-endpoint.js";

describe("an endpoint", () => {
  const cases = {
    "data-ats": [
      "a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com",
      "A1B2C3-ATS.iot.US-EAST-1.amazonaws.com",
      "a1b2c3d4e5f6g7.ats.iot.cn-north-1.amazonaws.com.cn",
      "a1b2c3-ats.iot.cn-northwest-1.amazonaws.com.cn",
      "a1b2c3-ats.iot.us-gov-west-1.amazonaws.com",
      "a1b2c3-ats.iot-fips.us-east-1.amazonaws.com",
      "data-ats.iot.eu-west-1.amazonaws.com",
      "a1b2c3-ats.iot.eusc-de-east-1.amazonaws.eu",
    ],
    data: [
      "abc.iot.eu-west-1.amazonaws.com",
      "abc.iot.cn-north-1.amazonaws.com.cn",
      "data.iot.us-east-1.amazonaws.com",
    ],
    "other-service": [
      "abc.jobs.iot.eu-west-1.amazonaws.com",
      "abc.credentials.iot.eu-west-1.amazonaws.com",
      "abc.jobs.iot.cn-north-1.amazonaws.com.cn",
      "abc.credentials.iot.cn-northwest-1.amazonaws.com.cn",
      "iot.eu-west-1.amazonaws.com",
      "s3.amazonaws.com",
      "bucket.s3.eu-west-1.amazonaws.com",
      "abc.tunneling.iot.eu-west-1.amazonaws.com",
    ],
    custom: [
      "localhost",
      "127.0.0.1",
      "iot.example.com",
      "abc-ats.iot.eu-west-1.amazonaws.com.example.net",
      "vpce-0123-abc.data.iot.eu-west-1.vpce.amazonaws.com",
      "amazonaws.com",
    ],
  } as const;
  for (const [kind, names] of Object.entries(cases))
    for (const name of names) it(`${name} is ${kind}`, () => assert.equal(endpointKind(name), kind));

  it("is objected to when no device can speak MQTT there", () => {
    assert.match(endpointProblem("abc.iot.eu-west-1.amazonaws.com"), /no ATS endpoint/);
    assert.match(endpointProblem("abc.jobs.iot.eu-west-1.amazonaws.com"), /another service/);
    for (const name of [...cases["data-ats"], ...cases.custom]) assert.equal(endpointProblem(name), "", name);
  });
});
