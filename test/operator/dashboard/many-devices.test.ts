import assert from "node:assert/strict";
import { CreateThingCommand } from "@aws-sdk/client-iot";
import type { Browser } from "playwright-core";
import { type Dashboard, looksOf, startDashboard } from "../../../operator/dashboard/index.js";
import { inParallel } from "../../../operator/jobs/index.js";
import { OperatedCloud } from "../support/operated-cloud.js";
import { openChromium, WITHOUT_CHROMIUM } from "./support/chromium.js";
import { ShownPage } from "./support/shown-page.js";

const DEVICES = 1000;
/** Rows that the page may have for a window of 900 pixels: those that are seen, and some to spare. */
const MOST_ROWS = 60;
const FRAMES = 120;
const PIXELS_A_FRAME = 90;

/** Scrolls by so many pixels in each frame; gives the milliseconds between the frames. */
const SCROLL = `new Promise((resolve) => {
  const box = document.querySelector("[role=grid]");
  const times = [];
  const frame = (now) => {
    times.push(now);
    box.scrollTop += ${PIXELS_A_FRAME};
    if (times.length < ${FRAMES}) requestAnimationFrame(frame);
    else resolve(times.slice(1).map((time, index) => time - times[index]));
  };
  requestAnimationFrame(frame);
})`;

describe(`the page of ${DEVICES} devices${WITHOUT_CHROMIUM}`, function () {
  this.timeout(120_000);
  const operated = new OperatedCloud();
  let browser: Browser;
  let dashboard: Dashboard;
  let shown: ShownPage;

  before(async function () {
    if (WITHOUT_CHROMIUM !== "") this.skip();
    [browser] = await Promise.all([openChromium(), operated.start({ bucket: false })]);
    const names = Array.from({ length: DEVICES }, (_, index) => `board-${String(index + 1).padStart(4, "0")}`);
    await inParallel(names, (thingName) => operated.iot.send(new CreateThingCommand({ thingName })), 16);
    // What runs on them is not asked: this is about the page.
    dashboard = await startDashboard({ aws: operated.aws, ...looksOf(true, {}), devicesAsked: 0 });
    shown = await ShownPage.open(browser, dashboard.url);
    await shown.page.getByRole("heading", { name: "1,000 devices" }).waitFor();
  });
  after(async () => {
    await shown?.close();
    await dashboard?.close();
    await browser?.close();
    if (WITHOUT_CHROMIUM === "") await operated.stop();
  });

  it("has few rows in it at each place, and says how many there are", async () => {
    const { page } = shown;
    const grid = page.getByRole("grid");
    assert.equal(await grid.getAttribute("aria-rowcount"), String(DEVICES + 1));
    for (const [place, name] of [
      [0, "board-0001"],
      [0.5, "board-0500"],
      [1, "board-1000"],
    ] as const) {
      await page.evaluate(`(() => {
        const box = document.querySelector("[role=grid]");
        box.scrollTop = ${place} * (box.scrollHeight - box.clientHeight);
      })()`);
      await page.getByRole("row", { name: new RegExp(`^${name}`) }).waitFor();
      const rows = await page.locator("tbody tr.grid-row").count();
      assert.ok(rows > 10 && rows <= MOST_ROWS, `${rows} rows`);
    }
  });

  it("goes from the first to the last device by the keyboard, and finds one of them", async () => {
    const { page } = shown;
    await page.getByRole("grid").focus();
    await page.keyboard.press("End");
    await page.getByRole("row", { name: /^board-1000/, selected: true }).waitFor();
    await page.keyboard.press("Home");
    for (let press = 0; press < 40; press += 1) await page.keyboard.press("ArrowDown");
    const active = page.getByRole("row", { name: /^board-0041/, selected: true });
    await active.waitFor();
    assert.equal(
      await page.evaluate(`(() => {
        const [row, box] = [document.querySelector("tr.active"), document.querySelector("[role=grid]")];
        const [inner, outer] = [row.getBoundingClientRect(), box.getBoundingClientRect()];
        const head = box.querySelector("thead").getBoundingClientRect();
        return inner.top >= head.bottom - 1 && inner.bottom <= outer.bottom + 1;
      })()`),
      true,
      "the active row is seen as a whole",
    );
    await page.getByLabel("Search").fill("0777");
    await page.getByText("1 of 1,000 devices").waitFor();
    await page.getByLabel("Search").fill("");
  });

  it("scrolls by thousands of pixels; the time between two frames is printed", async () => {
    const { page } = shown;
    await page.evaluate("document.querySelector('[role=grid]').scrollTop = 0");
    const measured: unknown = await page.evaluate(SCROLL);
    const times = (Array.isArray(measured) ? measured.map(Number) : []).sort((one, other) => one - other);
    const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
    console.log(
      `      ${FRAMES} frames: median ${at(0.5).toFixed(1)} ms (${(1000 / at(0.5)).toFixed(0)} a second), 95 % within ${at(0.95).toFixed(1)} ms`,
    );
    assert.equal(times.length, FRAMES - 1);
    const top = Number(await page.evaluate("document.querySelector('[role=grid]').scrollTop"));
    assert.ok(top >= (FRAMES - 2) * PIXELS_A_FRAME, `${top} pixels`);
    await page
      .getByRole("row", { name: /^board-03/ })
      .first()
      .waitFor();
    assert.ok((await page.locator("tbody tr.grid-row").count()) <= MOST_ROWS);
  });
});
