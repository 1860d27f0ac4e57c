import assert from "node:assert/strict";
import type { CloudContext } from "../../../host-sim/cloud/context/context.js";
import { type RestServices, serveRest } from "../../../host-sim/cloud/http/rest.js";
import { restRoutes } from "../../../host-sim/cloud/http/rest-routes.js";
import { splitTarget } from "../../../host-sim/cloud/message/message.js";
import type { RestService } from "../../../host-sim/cloud/message/rest-route.js";
import { memoryContents } from "../../../host-sim/cloud/s3/contents.js";
import { handleS3 } from "../../../host-sim/cloud/s3/handle-s3.js";
import { type CloudServices, createCloudServices } from "../../../host-sim/cloud/services/cloud-services.js";
import { signHeaders } from "../../../host-sim/cloud/sigv4/sign.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";
import { testPki } from "../support/https-cloud.js";
import { bodyText, StepClock } from "../support/memory-s3.js";

const HOST = "s3.us-east-1.amazonaws.com";
const EMPTY = new Uint8Array(0);

/** Names as they stand in a path. */
const NAMES = Object.freeze({
  NUL: "a%00b",
  "a control character": "%01%1f%7f",
  "a line end": "a%0d%0ab",
  "no UTF-8": "%ff%fe",
  "a broken escape": "%zz%",
  markup: "%3C%2Fx%3E%26%22%27%5D%5D%3E",
  "what XML has no way to write": "%ef%bf%be%ef%bf%bf%0b",
  "a lone surrogate": "%ed%a0%80",
  "more than a key of the store": "x".repeat(3000),
  "more than that in UTF-8": "%e2%82%ac".repeat(800),
  "a member of every object": "__proto__",
  "another member of every object": "constructor",
  dots: "..%2f..",
  wildcards: "*%3f$%7b",
});

/** Values of members that no API asks for. */
const VALUES: readonly unknown[] = Object.freeze([
  null,
  true,
  -1,
  1e308,
  "",
  "a\u0000b",
  "\ud800",
  "x".repeat(3000),
  `$${"{".repeat(2)}`.repeat(500),
  "-----BEGIN CERTIFICATE-----".repeat(100),
  "2026-13-99T99:99:99Z",
  [],
  [null, 1, ["a"], {}],
  ["arn:aws:iot:us-east-1:000000000000:thing/a\u0000b"],
  {},
  { attributes: { constructor: "x", __proto__: "y" }, "a\u0000b": "c" },
  JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`),
]);

const MEMBERS = Object.freeze([
  ...["targets", "document", "documentSource", "description", "presignedUrlConfig", "targetSelection"],
  ...["jobExecutionsRolloutConfig", "abortConfig", "timeoutConfig", "jobExecutionsRetryConfig", "schedulingConfig"],
  ...["namespaceId", "comment", "reasonCode", "force", "maxResults", "nextToken", "pageSize", "marker", "status"],
  ...["statusDetails", "expectedVersion", "executionNumber", "includeJobDocument", "stepTimeoutInMinutes"],
  ...["attributePayload", "thingTypeName", "thingGroupProperties", "parentGroupName", "attributeName"],
  ...["certificatePem", "certificateSigningRequest", "setAsActive", "newStatus", "policyDocument", "target"],
  ...["principal", "thingName", "thingGroupName", "thingArn", "endpointType", "eventConfigurations"],
]);

describe("odd input over HTTPS", function () {
  this.timeout(60_000);
  let services: CloudServices;
  let rest: RestServices;
  let clock: StepClock;
  const log: string[] = [];

  beforeEach(async () => {
    const { issueDevice, signRequest } = await testPki();
    let seed = 1;
    clock = new StepClock();
    const context: CloudContext = {
      clock,
      store: memoryStore(),
      region: "us-east-1",
      account: "000000000000",
      random: (byteLength) =>
        Uint8Array.from({ length: byteLength }, () => {
          seed = (seed * 75 + 74) % 65_537;
          return seed & 0xff;
        }),
      log: (line) => void log.push(line),
    };
    log.length = 0;
    services = createCloudServices({ context, contents: memoryContents(), presignOrigin: () => undefined });
    const { registry, hooks: jobs } = services;
    const iot = { context, registry, jobs, issueDevice, signRequest, endpointHost: () => "localhost" };
    rest = {
      context,
      credentials: services.credentials,
      routes: restRoutes(iot, services),
    };
  });

  const signed = (service: string, method: string, target: string, body: Uint8Array) => ({
    method,
    ...splitTarget(target),
    headers: signHeaders(
      { method, host: HOST, target, body },
      { credentials: services.credentials.operator(), region: "us-east-1", service, now: rest.context.clock.now() },
    ),
    body,
  });
  const callRest = async (service: RestService, method: string, target: string, body: Uint8Array = EMPTY) =>
    serveRest(signed(service, method, target, body), service, rest, undefined);
  const callS3 = (method: string, target: string, body: Uint8Array = EMPTY) =>
    handleS3(signed("s3", method, target, body), services.s3);

  it("of every operation of the REST services is answered with 4xx or 200", async () => {
    for (const { service, method, path } of rest.routes) {
      const names = path.includes("{") ? Object.entries(NAMES) : [["no name", ""] as const];
      for (const [what, name] of names) {
        const target = path.replace(/\{\w+\}/g, name.replaceAll("%2f", "%252f"));
        const { status } = await callRest(service, method, target, method === "GET" ? EMPTY : Buffer.from("{}"));
        assert(status < 500, `${method} ${path} with ${what}: ${status} ${log.join()}`);
      }
    }
  });

  for (const [service, method, path] of [
    ["iot", "PUT", "/jobs/j"],
    ["iot", "POST", "/things/t"],
    ["iot", "PATCH", "/things/t"],
    ["iot", "POST", "/thing-groups/g"],
    ["iot", "POST", "/policies/p"],
    ["iot", "POST", "/certificates"],
    ["iot", "POST", "/certificate/register-no-ca"],
    ["iot", "PATCH", "/jobs/j"],
    ["iot", "POST", "/jobs/j/targets"],
    ["iot", "PUT", "/jobs/j/cancel"],
    ["iot", "PATCH", "/event-configurations"],
    ["iot-jobs-data", "PUT", "/things/t/jobs/$next"],
    ["iot-jobs-data", "POST", "/things/t/jobs/j"],
  ] as const) {
    it(`in each member of ${method} ${path} is answered with 4xx or 200`, async () => {
      const thing = "arn:aws:iot:us-east-1:000000000000:thing/t";
      await callRest("iot", "POST", "/things/t", Buffer.from("{}"));
      const job = { targets: [thing], document: "{}", targetSelection: "CONTINUOUS" };
      if (path !== "/jobs/j" || method !== "PUT")
        await callRest("iot", "PUT", "/jobs/j", Buffer.from(JSON.stringify(job)));
      const usual =
        path === "/jobs/j" && method === "PUT" ? job : path.startsWith("/policies") ? { policyDocument: "{}" } : {};
      for (const member of MEMBERS) {
        for (const value of VALUES) {
          const rest = { ...usual, [member]: "VALUE" };
          const text = JSON.stringify(rest).replace('"VALUE"', jsonOf(value));
          const { status } = await callRest(service, method, path, Buffer.from(text));
          assert(status < 500, `${member}: ${text.slice(0, 200)}: ${status} ${log.join()}`);
        }
      }
    });
  }

  for (const source of ["no URL", "https://", "https://[/x", "https://images.s3.amazonaws.com/%00", "x:", "a\u0000b"]) {
    it(`as documentSource ${JSON.stringify(source)} is answered with 400`, async () => {
      await callRest("iot", "POST", "/things/t", Buffer.from("{}"));
      const targets = ["arn:aws:iot:us-east-1:000000000000:thing/t"];
      const job = { targets, documentSource: source };
      const { status } = await callRest("iot", "PUT", "/jobs/j", Buffer.from(JSON.stringify(job)));
      assert.equal(status, 400, log.join());
    });

    it(`as an S3 placeholder ${JSON.stringify(source)} is answered with 400, or delivered`, async () => {
      await callRest("iot", "POST", "/things/t", Buffer.from("{}"));
      const document = JSON.stringify({ url: `$${"{"}aws:iot:s3-presigned-url:${source}}` });
      const presignedUrlConfig = { roleArn: "arn:aws:iam::000000000000:role/presign", expiresInSec: 60 };
      const job = { targets: ["arn:aws:iot:us-east-1:000000000000:thing/t"], document, presignedUrlConfig };
      const { status } = await callRest("iot", "PUT", "/jobs/j", Buffer.from(JSON.stringify(job)));
      assert(status < 500, log.join());
      clock.advance(60_000);
      const delivered = await callRest("iot-jobs-data", "PUT", "/things/t/jobs/$next", Buffer.from("{}"));
      assert.equal(delivered.status, 200, log.join());
      assert.deepEqual(log, []);
    });
  }

  it("as a document that is nested too deep to be sent is answered with 400", async () => {
    await callRest("iot", "POST", "/things/t", Buffer.from("{}"));
    const targets = ["arn:aws:iot:us-east-1:000000000000:thing/t"];
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    for (const [jobId, depth, wanted] of [
      ["deep", 6000, 400],
      ["flat", 100, 200],
    ] as const) {
      const body = JSON.stringify({ targets, document: nested(depth) });
      assert.equal((await callRest("iot", "PUT", `/jobs/${jobId}`, Buffer.from(body))).status, wanted);
    }
  });

  for (const text of ["", "null", "[]", "{", "\ufeff{}", "1", '{"a":'.repeat(5000), "\u0000"]) {
    it(`as a body ${JSON.stringify(text.slice(0, 12))} is answered with 4xx or 200`, async () => {
      const { status } = await callRest("iot", "PUT", "/jobs/j", Buffer.from(text));
      assert(status < 500, String(status));
    });
  }

  it("in the address of every operation of S3 is answered without an internal error, in XML that is well-formed", () => {
    callS3("PUT", "/images");
    const uploads = /<UploadId>(\w+)</.exec(bodyText(callS3("POST", "/images/up?uploads")))?.[1] ?? "";
    for (const [what, name] of Object.entries(NAMES)) {
      const targets = [
        ...[`/${name}`, `/images/${name}`, `/${name}/${name}`, `/images?list-type=2&prefix=${name}&delimiter=${name}`],
        ...[
          `/images?list-type=2&continuation-token=${name}&start-after=${name}`,
          `/images?list-type=2&max-keys=${name}`,
        ],
        ...[`/images?list-type=2&encoding-type=${name}`, `/images/${name}?uploads`, `/images/a?uploadId=${name}`],
        ...[`/images/up?uploadId=${uploads}&partNumber=${name}`, `/images/up?uploadId=${name}&partNumber=1`],
        ...["/images?list-type=2", "/", `/images?${name}=${name}`],
      ];
      for (const method of ["PUT", "GET", "POST", "DELETE", "HEAD"]) {
        for (const target of targets) {
          const response = callS3(method, target, method === "PUT" ? Buffer.from("x") : EMPTY);
          const { status } = response;
          assert(status < 500 || status === 501, `${method} ${target} with ${what}: ${status} ${log.join()}`);
          if (method !== "GET" || response.headers["content-type"] === "application/xml") {
            const text = bodyText(response);
            if (text !== "") assertWellFormed(text, `${method} ${target} with ${what}`);
          }
        }
      }
      callS3("PUT", "/images");
    }
  });

  for (const [what, body] of Object.entries({
    "openings without end": "<Part>".repeat(100_000),
    "parts without a number": "<Part></Part>".repeat(1000),
    "a number that is none": "<Part><PartNumber>99999</PartNumber><ETag>x</ETag></Part>",
    "no text": "",
    "more than four MiB": " ".repeat(5 << 20),
  })) {
    it(`as a list of parts, ${what}, is answered with 400`, () => {
      callS3("PUT", "/images");
      const id = /<UploadId>(\w+)</.exec(bodyText(callS3("POST", "/images/up?uploads")))?.[1];
      const response = callS3("POST", `/images/up?uploadId=${id}`, Buffer.from(body));
      assert.equal(response.status, 400);
      assertWellFormed(bodyText(response), what);
    });
  }

  describe("as access key", () => {
    const keys = { ...NAMES, "nothing that is known": "AKIANOBODY" };
    for (const [what, key] of Object.entries(keys)) {
      it(`that is ${what} is answered with 4xx by all services`, async () => {
        const query = (service: string) =>
          `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${key}%2F20260101%2Fus-east-1%2F${service}%2Faws4_request` +
          "&X-Amz-Date=20260101T100000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
        const request = { method: "GET", path: "/things", headers: { host: HOST }, body: EMPTY };
        for (const service of ["iot", "iot-jobs-data"] as const) {
          const { status } = await serveRest({ ...request, query: query(service) }, service, rest, undefined);
          assert(status === 403 || status === 400, String(status));
        }
        const response = handleS3({ ...request, query: query("s3") }, services.s3);
        assert(response.status === 403 || response.status === 400, String(response.status));
        assertWellFormed(bodyText(response), what);
      });
    }

    it("in an Authorization header is answered with 4xx, however long", async () => {
      for (const key of ["x".repeat(10_000), "a\u0000b", "__proto__", "", "a/b"]) {
        const request = signed("iot", "GET", "/things", EMPTY);
        const authorization = request.headers.authorization?.replace(/Credential=[^/]*/, `Credential=${key}`) ?? "";
        const odd = { ...request, headers: { ...request.headers, authorization } };
        const { status } = await serveRest(odd, "iot", rest, undefined);
        assert(status === 403 || status === 400, String(status));
      }
    });
  });

  it("as a signed header that is named often does not make the signed text longer than the request", async () => {
    const request = signed("iot", "GET", "/things", EMPTY);
    const names = "host;".repeat(2000);
    const authorization = request.headers.authorization?.replace("SignedHeaders=", `SignedHeaders=${names}`) ?? "";
    const odd = { ...request, headers: { ...request.headers, authorization } };
    const { status, headers } = await serveRest(odd, "iot", rest, undefined);
    assert.deepEqual([status, headers["x-amzn-errortype"]], [400, "IncompleteSignatureException"]);
  });
});

/** JSON of a value, also of one that is nested too deep for `JSON.stringify`. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  }
}

/** Characters, references and the nesting of tags; S3 writes nothing else. */
function assertWellFormed(xml: string, what: string): void {
  assert.match(xml, /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u, `${what}: a character`);
  const open: string[] = [];
  let roots = 0;
  for (const [, tag, text] of xml.replace(/^<\?xml [^>]*\?>\n/, "").matchAll(/<([^<>]*)>|([^<>]+)/g)) {
    if (text !== undefined) {
      assert.doesNotMatch(text.replace(/&#\d+;/g, ""), /&/, `${what}: a reference`);
      for (const [, code] of text.matchAll(/&#(\d+);/g))
        assert("\t\n\r<>&\"'".includes(String.fromCharCode(Number(code))));
    } else if (tag?.startsWith("/")) assert.equal(open.pop(), tag.slice(1), `${what}: an end`);
    else {
      if (open.length === 0) roots += 1;
      open.push(tag?.split(" ")[0] ?? "");
    }
  }
  assert.deepEqual([open, roots], [[], 1], `${what}: an element is open`);
  assert.equal(xml.replace(/^<\?xml [^>]*\?>\n/, "").replace(/<[^<>]*>|[^<>]+/g, ""), "", what);
}
