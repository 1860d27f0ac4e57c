import assert from "node:assert/strict";
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { presignUrl, signHeaders } from "../../../host-sim/cloud/sigv4/sign.js";
import { sha256Hex } from "../../../host-sim/cloud/sigv4/signature.js";
import { type HttpsCloud, startHttpsCloud } from "../support/https-cloud.js";
import { RawHttps } from "../support/raw-https.js";

const KIB = 1024;

describe("bodies of HTTPS requests", () => {
  let cloud: HttpsCloud;
  const open: RawHttps[] = [];

  before(async () => {
    cloud = await startHttpsCloud({}, { s3: 300 * KIB, rest: 20 * KIB, total: 400 * KIB });
    await cloud.s3.send(new CreateBucketCommand({ Bucket: "images" }));
  });
  afterEach(() => {
    for (const connection of open.splice(0)) connection.close();
  });
  after(() => cloud.close());

  const connection = async () => {
    const made = await RawHttps.open(cloud.front.port, cloud.ca);
    open.push(made);
    return made;
  };
  const signed = (service: "s3" | "iot", target: string, body: Uint8Array, method = "PUT"): Record<string, string> => ({
    ...signHeaders(
      { method, host: `localhost:${cloud.front.port}`, target, body },
      { credentials: cloud.services.credentials.operator(), region: "us-east-1", service, now: Date.now() },
    ),
    "content-length": String(body.length),
  });
  const codeOf = (body: Buffer) => /<Code>(\w+)<\/Code>/.exec(body.toString())?.[1];
  /** The server has taken so much of what was sent. */
  const untilHeld = async (bytes: number) => {
    while (cloud.front.heldBodyBytes < bytes) await new Promise((resolve) => setImmediate(resolve));
  };

  it("are not waited for when the signature is wrong", async () => {
    const raw = await connection();
    const headers = signed("s3", "/images/a", Buffer.alloc(250 * KIB));
    raw.send("PUT", "/images/b", headers);
    const { status, body } = await raw.answer();
    assert.equal(status, 403);
    assert.equal(codeOf(body), "SignatureDoesNotMatch");
    assert.equal(cloud.front.heldBodyBytes, 0);
  });

  for (const [name, change, code] of [
    ["the key is unknown", { authorization: "AWS4-HMAC-SHA256 Credential=AKIANOBODY/" }, "InvalidAccessKeyId"],
    ["there is no signature", { authorization: undefined }, "AccessDenied"],
    ["the hash of the body is missing", { "x-amz-content-sha256": undefined }, "InvalidRequest"],
    ["the hash of the body is none", { "x-amz-content-sha256": "abc" }, "InvalidArgument"],
  ] as const) {
    it(`are not waited for when ${name}`, async () => {
      const raw = await connection();
      const good = signed("s3", "/images/a", Buffer.alloc(250 * KIB));
      const merged: Record<string, string | undefined> = { ...good, ...change };
      if (change.authorization !== undefined) {
        merged.authorization = good.authorization?.replace(/^.*?Credential=[^/]*\//, change.authorization);
      }
      const headers = Object.entries(merged).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
      raw.send("PUT", "/images/a", Object.fromEntries(headers));
      const { status, body } = await raw.answer();
      assert(status === 400 || status === 403, String(status));
      assert.equal(codeOf(body), code);
    });
  }

  it("are not asked for with 100 Continue before the signature is believed", async () => {
    const body = Buffer.alloc(100 * KIB);
    const bad = await connection();
    bad.send("PUT", "/images/b", { ...signed("s3", "/images/a", body), expect: "100-continue" });
    assert.equal((await bad.answer()).status, 403);
    await bad.untilEnd();
    const good = await connection();
    good.send("PUT", "/images/a", { ...signed("s3", "/images/a", body), expect: "100-continue" });
    assert.equal((await good.answer()).status, 100);
    await good.write(body);
    assert.equal((await good.answer()).status, 200);
  });

  it("are refused by their announced length before a byte of them came", async () => {
    const s3 = await connection();
    s3.send("PUT", "/images/a", signed("s3", "/images/a", Buffer.alloc(301 * KIB)));
    const tooLarge = await s3.answer();
    assert.deepEqual([tooLarge.status, codeOf(tooLarge.body)], [400, "EntityTooLarge"]);
    const rest = await connection();
    rest.send("PUT", "/jobs/j", signed("iot", "/jobs/j", Buffer.alloc(21 * KIB)));
    const { status, headers } = await rest.answer();
    assert.deepEqual([status, headers["x-amzn-errortype"]], [413, "RequestEntityTooLargeException"]);
  });

  it("are no longer than those of the REST services where the signature is for another service", async () => {
    const raw = await connection();
    const headers = signed("iot", "/images/a", Buffer.alloc(21 * KIB));
    const authorization = headers.authorization?.replace("/iot/aws4_request", "/ec2/aws4_request") ?? "";
    raw.send("PUT", "/images/a", { ...headers, authorization });
    const answer = await raw.answer();
    const tooLarge = [413, "RequestEntityTooLargeException"];
    assert.deepEqual([answer.status, answer.headers["x-amzn-errortype"]], tooLarge);
  });

  it("in chunks without an announced length are refused when they grow too long", async () => {
    const raw = await connection();
    const { "content-length": _, ...headers } = signed("iot", "/jobs/j", Buffer.alloc(0));
    raw.send("PUT", "/jobs/j", { ...headers, "transfer-encoding": "chunked" });
    await raw.write(Buffer.concat([Buffer.from("6000\r\n"), Buffer.alloc(0x6000), Buffer.from("\r\n")]));
    assert.equal((await raw.answer()).status, 413);
    assert.equal(cloud.front.heldBodyBytes, 0);
  });

  it("have a bound over all connections, and give their room back", async () => {
    const body = Buffer.alloc(250 * KIB, 7);
    const first = await connection();
    first.send("PUT", "/images/first", signed("s3", "/images/first", body));
    await first.write(body.subarray(0, 200 * KIB));
    await untilHeld(200 * KIB);
    const second = await connection();
    second.send("PUT", "/images/second", signed("s3", "/images/second", body));
    await second.write(body);
    const refused = await second.answer();
    assert.deepEqual([refused.status, codeOf(refused.body)], [503, "SlowDown"]);
    assert.equal(cloud.front.heldBodyBytes, 200 * KIB);
    await first.write(body.subarray(200 * KIB));
    assert.equal((await first.answer()).status, 200);
    assert.equal(cloud.front.heldBodyBytes, 0);
    const third = await connection();
    third.send("PUT", "/images/second", signed("s3", "/images/second", body));
    await third.write(body);
    assert.equal((await third.answer()).status, 200);
  });

  it("give their room back when the client goes away", async () => {
    const body = Buffer.alloc(250 * KIB);
    const raw = await connection();
    raw.send("PUT", "/images/a", signed("s3", "/images/a", body));
    await raw.write(body.subarray(0, 100 * KIB));
    await untilHeld(100 * KIB);
    raw.close();
    while (cloud.front.heldBodyBytes > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it("keep the connection when a short one was refused", async () => {
    const raw = await connection();
    const body = Buffer.from("{}");
    raw.send("PUT", "/jobs/other", { ...signed("iot", "/jobs/j", body), "x-amz-content-sha256": sha256Hex(body) });
    await raw.write(body);
    assert.equal((await raw.answer()).status, 403);
    raw.send("GET", "/jobs", signed("iot", "/jobs", Buffer.alloc(0), "GET"));
    assert.equal((await raw.answer()).status, 200);
  });

  describe("of a presigned PUT", () => {
    const put = (url: string, headers: Record<string, string>) => {
      const { pathname, search, host } = new URL(url);
      return connection().then(async (raw) => {
        raw.send("PUT", pathname + search, { host, "content-length": "3", ...headers });
        await raw.write(Buffer.from("abc"));
        return raw.answer();
      });
    };
    const presigned = (key: string) =>
      presignUrl(`https://localhost:${cloud.front.port}/images/${key}`, {
        credentials: cloud.services.credentials.operator(),
        region: "us-east-1",
        service: "s3",
        now: Date.now(),
        expiresInSec: 60,
        method: "PUT",
      });

    for (const name of ["x-amz-meta-owner", "x-amz-acl", "x-amz-copy-source", "X-Amz-Storage-Class"]) {
      it(`are refused with ${name} that was not signed`, async () => {
        const { status, body } = await put(presigned("unsigned"), { [name]: "x" });
        assert.equal(status, 403);
        assert.equal(codeOf(body), "AccessDenied");
        assert.match(body.toString(), new RegExp(`<HeadersNotSigned>${name.toLowerCase()}</HeadersNotSigned>`));
        const head = new HeadObjectCommand({ Bucket: "images", Key: "unsigned" });
        await assert.rejects(cloud.s3.send(head), { name: "NotFound" });
      });
    }

    it("are taken with headers that need no signature", async () => {
      const { status } = await put(presigned("plain"), { "content-type": "text/plain", "x-amzn-trace-id": "1" });
      assert.equal(status, 200);
    });

    it("are taken as the SDK signs them", async () => {
      const command = new PutObjectCommand({ Bucket: "images", Key: "sdk", Body: "abc" });
      const url = await getSignedUrl(cloud.s3, command, { expiresIn: 60 });
      const { status, body } = await put(url, {});
      assert.equal(status, 200, body.toString());
    });
  });
});

describe("requests to the cloud's own API", () => {
  let cloud: HttpsCloud;
  before(async () => {
    cloud = await startHttpsCloud();
  });
  after(() => cloud.close());

  const statusWith = async (host: string) => {
    const raw = await RawHttps.open(cloud.front.port, cloud.ca);
    raw.send("GET", "/_local/endpoints", { host });
    const { status } = await raw.answer();
    raw.close();
    return status;
  };

  for (const host of ["localhost", "127.0.0.1", "LOCALHOST", "cloud.localhost", "[::1]", "127.0.0.2"]) {
    it(`reach it by ${host}`, async () => {
      assert.equal(await statusWith(`${host}:${cloud.front.port}`), 404);
    });
  }

  for (const host of ["attacker.example", "localhost.attacker.example", "127.0.0.1.attacker.example", "10.0.0.1", ""]) {
    it(`are refused with the Host "${host}"`, async () => {
      assert.equal(await statusWith(host), 403);
    });
  }

  it("are refused with a foreign Host before their body came", async () => {
    const raw = await RawHttps.open(cloud.front.port, cloud.ca);
    const headers = { host: "attacker.example", "content-type": "application/json", "content-length": "1000000" };
    raw.send("POST", "/_local/faults", headers);
    assert.equal((await raw.answer()).status, 403);
    raw.close();
  });
});
