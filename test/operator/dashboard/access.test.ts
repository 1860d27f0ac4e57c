import assert from "node:assert/strict";
import { denied, HEADERS } from "../../../operator/dashboard/server/access.js";

const PORT = 4000;
const OWN = "127.0.0.1:4000";
const RULES = { port: PORT, token: "secret", write: true };
const TOKEN = { authorization: "Bearer secret" };
const CHANGE = { host: OWN, origin: `http://${OWN}`, "content-type": "application/json", ...TOKEN };

describe("access to the page", () => {
  for (const [title, method, path, headers] of [
    ["the page, which says nothing of the fleet", "GET", "/", { host: OWN }],
    ["the page by the name localhost", "GET", "/", { host: "localhost:4000" }],
    ["the page by a link or the address bar", "GET", "/", { host: OWN, "sec-fetch-site": "none" }],
    ["data with the token", "GET", "/api/events", { host: OWN, ...TOKEN }],
    ["data asked for by the page", "GET", "/api/events", { host: OWN, "sec-fetch-site": "same-origin", ...TOKEN }],
    ["a change by the page", "POST", "/api/plan", CHANGE],
    [
      "a change by the page under localhost",
      "POST",
      "/api/act",
      { ...CHANGE, host: "localhost:4000", origin: "http://localhost:4000" },
    ],
  ] as const)
    it(`is given: ${title}`, () => assert.equal(denied({ method, path, headers }, RULES), undefined));

  for (const [title, method, path, headers, status, error] of [
    ["another name that leads here", "GET", "/", { host: "evil.example:4000" }, 403, "host"],
    ["another port", "GET", "/", { host: "127.0.0.1:4001" }, 403, "host"],
    ["no name", "GET", "/", {}, 403, "host"],
    [
      "the page of another origin",
      "GET",
      "/api/events",
      { host: OWN, origin: "http://evil.example", ...TOKEN },
      403,
      "origin",
    ],
    [
      "another port of this computer",
      "GET",
      "/api/events",
      { host: OWN, origin: "http://127.0.0.1:5000", ...TOKEN },
      403,
      "origin",
    ],
    ["a page without an origin", "POST", "/api/act", { ...CHANGE, origin: "null" }, 403, "origin"],
    ["localhost asking 127.0.0.1", "POST", "/api/act", { ...CHANGE, origin: "http://localhost:4000" }, 403, "origin"],
    ["a page that includes it", "GET", "/page.js", { host: OWN, "sec-fetch-site": "cross-site" }, 403, "origin"],
    ["a page of the same computer", "GET", "/page.js", { host: OWN, "sec-fetch-site": "same-site" }, 403, "origin"],
    ["no token", "GET", "/api/events", { host: OWN }, 401, "token"],
    ["a wrong token", "GET", "/api/device", { host: OWN, authorization: "Bearer Secret" }, 401, "token"],
    ["a token that is a part of it", "GET", "/api/device", { host: OWN, authorization: "Bearer secre" }, 401, "token"],
    ["a token in a cookie", "GET", "/api/device", { host: OWN, cookie: "token=secret" }, 401, "token"],
    ["no token, for a change", "POST", "/api/act", { ...CHANGE, authorization: "" }, 401, "token"],
    [
      "no origin, for a change",
      "POST",
      "/api/act",
      { host: OWN, "content-type": "application/json", ...TOKEN },
      403,
      "origin",
    ],
    ["a form", "POST", "/api/act", { ...CHANGE, "content-type": "text/plain" }, 400, "type"],
    ["another method", "PUT", "/api/act", CHANGE, 405, "method"],
    ["a change of a file", "POST", "/", CHANGE, 405, "method"],
  ] as const)
    it(`is refused: ${title}`, () => {
      const denial = denied({ method, path, headers }, RULES);
      assert.deepEqual([denial?.status, denial?.error], [status, error]);
      assert.notEqual(denial?.message, "");
    });

  it("changes nothing unless the page was started with --write", () => {
    const rules = { ...RULES, write: false };
    for (const path of ["/api/plan", "/api/act", "/api/other"])
      assert.equal(denied({ method: "POST", path, headers: CHANGE }, rules)?.error, "read-only");
    assert.equal(denied({ method: "GET", path: "/api/events", headers: CHANGE }, rules), undefined);
  });

  it("comes with rules for the browser: nothing from elsewhere, no script but its own, in no frame", () => {
    const policy = HEADERS["Content-Security-Policy"] ?? "";
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
      assert.ok(policy.includes(rule), rule);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  });
});
