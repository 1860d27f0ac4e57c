import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CLOCK_CASES, DNS_CASES, TLS_CASES } from "./support/dns-tls-cases.js";
import { type FaultCase, faultRows } from "./support/fault-cases.js";
import { CONNECTION_CASES, CONTENT_CASES, STATUS_CASES } from "./support/http-cases.js";
import { GRAMMAR_CASES, grammarRows } from "./support/http-grammar-cases.js";
import { MQTT_CONNECTION_CASES, MQTT_MESSAGE_CASES } from "./support/mqtt-cases.js";

const SECTIONS: readonly (readonly [string, readonly FaultCase[]])[] = [
  ["HTTP connection", CONNECTION_CASES],
  ["HTTP content", CONTENT_CASES],
  ["HTTP status", STATUS_CASES],
  ["MQTT connection", MQTT_CONNECTION_CASES],
  ["MQTT messages", MQTT_MESSAGE_CASES],
  ["DNS", DNS_CASES],
  ["TLS", TLS_CASES],
  ["Clock", CLOCK_CASES],
];

describe("docs/faults.md", () => {
  const text = readFileSync(new URL("../../docs/faults.md", import.meta.url), "utf8");
  const rowsOf = (title: string) => {
    const [, section = ""] = text.split(`\n## ${title}\n`);
    const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("|"));
    return rows.slice(2);
  };
  for (const [title, cases] of SECTIONS) {
    it(`has the scenarios of ${title}, row for row`, () => assert.deepEqual(rowsOf(title), faultRows(cases)));
  }

  it("has the scenarios of HTTP grammar, row for row", () => {
    assert.deepEqual(rowsOf("HTTP grammar"), grammarRows(GRAMMAR_CASES));
  });
});
