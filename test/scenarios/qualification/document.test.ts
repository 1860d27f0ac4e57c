import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { titleOf } from "./case.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDER = "test/scenarios/qualification";
const SUITES = Object.freeze(["ota-e2e.test.ts", "device-advisor.test.ts"]);

/** As peers know them: none may be missing. */
const DEVICE_TESTER = Object.freeze([
  "OTAE2EGreaterVersion",
  "OTAE2EBackToBackDownloads",
  "OTAE2ERollbackIfUnableToConnectAfterUpdate",
  "OTAE2ESameVersion",
  "OTAE2EUnsignedImage",
  "OTAE2EUntrustedCertificate",
  "OTAE2EPreviousVersion",
  "OTAE2EIncorrectSigningAlgorithm",
  "OTAE2EDisconnectResume",
  "OTAE2EDisconnectCancelUpdate",
  "OTAE2EPresignedUrlExpired",
  "OTAE2E2UpdatesCancel1st",
  "OTAE2ECancelThenUpdate",
  "OTAE2EImageCrashed",
]);
const DEVICE_ADVISOR = Object.freeze([
  "MQTT_Connect_Jitter_Backoff_Retries",
  "MQTT_Connect_Exponential_Backoff_Retries",
  "MQTT_ReconnectionAfterSuccessfulConnection",
  "MQTT_Reconnect_Backoff_Retries_On_Server_Disconnect",
  "MQTT_Reconnect_Backoff_Retries_On_Unstable_Connection",
  "MQTT_Publish_Retry_No_Puback",
  "MQTT_Subscribe_Retry_No_Suback",
  "MQTT_No_Ack_PingResp",
  "MQTT_Persistent_Session_Happy_Case",
  "MQTT_Expired_Persistent_Session",
]);

/** Suite and title of every test in a file, without running any. */
function testsOf(file: string): { suite: string; title: string }[] {
  const mocha = ["--import", "tsx", "node_modules/mocha/bin/mocha.js", "--dry-run", "--reporter", "json"];
  const report: { tests: { title: string; fullTitle: string }[] } = JSON.parse(
    execFileSync(process.execPath, [...mocha, `${FOLDER}/${file}`], { cwd: ROOT, encoding: "utf8" }),
  );
  return report.tests.map(({ title, fullTitle }) => ({ suite: fullTitle.slice(0, -title.length - 1), title }));
}

/** Rows `| case | what is checked | engines | file |`. */
function rowsOf(document: string): { title: string; engines: string; file: string }[] {
  return [...document.matchAll(/^\| `(\w+)` \| (.*) \| (Node|Node, XS) \| \[(.*)\]\(.*\/(.*)\) \|$/gm)].map(
    ([, name = "", checks = "", engines = "", label = "", file = ""]) => {
      assert.equal(label, file);
      return { title: titleOf({ name, checks }), engines, file };
    },
  );
}

describe("docs/qualification.md", () => {
  const rows = rowsOf(readFileSync(`${ROOT}docs/qualification.md`, "utf8"));

  for (const file of SUITES) {
    it(`has a row for each test of ${file}, and a test of that title for each row`, () => {
      const tests = testsOf(file);
      const onXs = new Set(tests.filter(({ suite }) => suite.includes(" on XS")).map(({ title }) => title));
      assert.deepEqual(
        rows.filter((row) => row.file === file).map(({ title, engines }) => `${title} | ${engines}`),
        [...new Set(tests.map(({ title }) => title))].map(
          (title) => `${title} | ${onXs.has(title) ? "Node, XS" : "Node"}`,
        ),
      );
    });
  }

  it("names every case of Device Tester's OTA group and of Device Advisor's MQTT group that concerns an update", () => {
    const named = rows.map(({ title }) => title.slice(0, title.indexOf(":")));
    for (const name of [...DEVICE_TESTER, ...DEVICE_ADVISOR]) assert.ok(named.includes(name), name);
  });
});
