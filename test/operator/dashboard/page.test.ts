import assert from "node:assert/strict";
import { DescribeJobCommand } from "@aws-sdk/client-iot";
import type { Browser } from "playwright-core";
import { type Dashboard, looksOf, startDashboard } from "../../../operator/dashboard/index.js";
import { image } from "../support/images.js";
import { jsonOf, OperatedCloud } from "../support/operated-cloud.js";
import { type Behaviour, SimulatedFleet } from "../support/simulated-fleet.js";
import { BoardPictures } from "./support/board-pictures.js";
import { openChromium, WITHOUT_CHROMIUM } from "./support/chromium.js";
import { ShownPage } from "./support/shown-page.js";

const THINGS = Array.from({ length: 24 }, (_, index) => `board-${index + 1}`);
const PHONE = 375;

const ends = (thing: string): Behaviour => {
  if (thing === "board-1") return { status: "FAILED", code: "tls", detail: "date: off by a year" };
  if (thing === "board-2") return { status: "REJECTED", code: "image-chip" };
  if (thing === "board-3") return { status: "IN_PROGRESS", state: "downloading" };
  return thing === "board-4" ? { status: "idle" } : { status: "SUCCEEDED" };
};

describe(`the page${WITHOUT_CHROMIUM}`, function () {
  this.timeout(120_000);
  const operated = new OperatedCloud();
  const boards = new BoardPictures("board-3");
  let browser: Browser;
  let fleet: SimulatedFleet;
  let dashboard: Dashboard;
  let jobId = "";
  let shown: ShownPage | undefined;

  const serve = (part: Partial<Parameters<typeof startDashboard>[0]> = {}) =>
    startDashboard({ aws: operated.aws, ...looksOf(true, {}), everyMs: 200, fleetEveryMs: 200, ...part });
  const open = async (options: Parameters<typeof ShownPage.open>[2] = {}, url = dashboard.url) => {
    shown = await ShownPage.open(browser, url, options);
    return shown;
  };
  /** The browser says of each request that was refused that it was; that is what the test wanted. */
  const refused = () => assert.notEqual(shown?.errors.splice(0).length, 0);
  const jobStatus = async (id: string) => (await operated.iot.send(new DescribeJobCommand({ jobId: id }))).job?.status;

  before(async function () {
    if (WITHOUT_CHROMIUM !== "") this.skip();
    [browser] = await Promise.all([openChromium(), operated.start()]);
    await operated.things(...THINGS);
    await operated.group("fleet", ...THINGS);
    fleet = new SimulatedFleet(operated.local, THINGS, "1.0.1");
    dashboard = await serve({ write: true, bucket: "firmware", role: "presign", boards });
    const file = operated.file("new.bin", image("1.0.2"));
    const made = await operated.here("publish", file, "--to", "fleet", "--key", operated.key.secret, "--json");
    jobId = String(jsonOf(made).jobId);
    await fleet.untilQueued(operated.iot, jobId);
  });
  afterEach(async () => {
    const page = shown;
    shown = undefined;
    await page?.close();
  });
  after(async () => {
    await dashboard?.close();
    await browser?.close();
    fleet?.close();
    if (WITHOUT_CHROMIUM === "") await operated.stop();
  });

  it("shows a roll-out as it runs, without being loaded again", async () => {
    const { page } = await open();
    const job = page.getByRole("article", { name: `Job ${jobId}` });
    await job.getByText("24 queued").waitFor();
    await page.getByRole("row", { name: /^board-5 .*queued/ }).waitFor();
    await fleet.sweep((thing) => (Number(thing.slice(6)) <= 10 ? ends(thing) : { status: "idle" }));
    await job.getByText(/^25 % 6 have it, 1 at it, 15 queued, 1 failed, 1 refused$/).waitFor();
    await fleet.sweep(ends);
    await job.getByText(/^83 % 20 have it, 1 at it, 1 queued, 1 failed, 1 refused$/).waitFor();
    await page.getByRole("row", { name: /^board-5 1\.0\.2 .*has it/ }).waitFor();
    await job.getByText(/\d a minute, about \d+ \w+ left/).waitFor();
    await page.getByRole("img", { name: /Devices by version since .* Now 1\.0\.2: 20/ }).waitFor();
  });

  describe("of a roll-out that has come so far", () => {
    before(async () => {
      await fleet.sweep(ends);
    });

    it("says why devices do not have it, and what to do", async () => {
      const { page } = await open();
      const failures = page.getByRole("region", { name: "Failures by code" });
      await failures.getByText("the device's clock, NTP is blocked").waitFor();
      await failures.getByText("a retry does not help").waitFor();
      const stuck = page.getByRole("region", { name: "Stuck devices" });
      await stuck.getByText("tls: date: off by a year").waitFor();
      await failures.getByRole("button", { name: /image-chip/ }).click();
      await page.getByText("1 of 24 devices").waitFor();
      await page.getByRole("row", { name: /^board-2 .*refused image-chip/ }).waitFor();
    });

    it("finds devices by words, by what they do and by version", async () => {
      const { page } = await open();
      const [search, kind, version] = [
        page.getByLabel("Search"),
        page.getByLabel("Show"),
        page.getByRole("combobox", { name: "Version" }),
      ];
      const count = page.locator("output");
      await search.fill("BOARD-1 has");
      await count.getByText("10 of 24 devices").waitFor();
      await search.fill("");
      await kind.selectOption("stuck");
      await count.getByText("2 of 24 devices").waitFor();
      await kind.selectOption("all");
      await version.selectOption("=1.0.2");
      await count.getByText("20 of 24 devices").waitFor();
      await search.fill("nothing like it");
      await count.getByText("0 of 24 devices").waitFor();
    });

    it("shows a device: what is known, the time line of its jobs, what they cost, its journal", async () => {
      const { page, go } = bound(await open());
      await go("#/device/board-1");
      await page.getByRole("heading", { level: 1, name: "board-1" }).waitFor();
      const job = page.getByRole("article", { name: `Job ${jobId}` });
      await job.getByText("off by a year").waitFor();
      const moments = await job.getByRole("list", { name: "Time line" }).getByRole("listitem").allTextContents();
      assert.deepEqual(
        moments.map((text) => text.split(" ")[0]),
        ["queued", "begun", "failed"],
      );
      await job.getByText("*power-on").waitFor();
      await go("#/device/board-5");
      await page.getByRole("table", { name: "What it cost" }).getByText("20000").waitFor();
      await go("#/device/nobody");
      await page.getByRole("alert").getByText("there is no thing nobody").waitFor();
      refused();
    }).timeout(60_000);

    it("shows the flash of a simulated board live, and its throughput", async () => {
      const { page, go } = bound(await open());
      await go("#/device/board-3");
      const other = page.locator(".flash li", { hasText: "ota_1" }).locator(".blocks");
      await page.getByRole("img", { name: "ota_1: of 4 blocks 4 erased" }).waitFor();
      boards.show({ otherSlot: "xeee" });
      await page.getByRole("img", { name: "ota_1: of 4 blocks 3 erased, 1 being erased" }).waitFor();
      boards.show({ otherSlot: "dwee", bytesWritten: 102_400, otadata: ["sequence 1 VALID", "sequence 2 NEW"] });
      await page.getByRole("img", { name: "ota_1: of 4 blocks 2 erased, 1 data, 1 being written" }).waitFor();
      const classes = await Promise.all((await other.locator(".block").all()).map((one) => one.getAttribute("class")));
      assert.deepEqual(classes, ["block d", "block w", "block e", "block e"]);
      await page.getByText("sequence 2 NEW").waitFor();
      await page.getByText(/To flash 50 KiB\/s/).waitFor();
    });

    it("can be used by the keyboard alone, and shows where it is", async () => {
      const { page } = await open();
      await page.getByRole("grid").waitFor();
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate("document.activeElement.textContent.trim()"), "To the content");
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate("document.activeElement.id"), "main");
      const seen: string[] = [];
      for (let press = 0; press < 60 && seen.at(-1) !== "grid"; press += 1) {
        await page.keyboard.press("Tab");
        const [name, outline] = String(
          await page.evaluate(`(() => {
          const active = document.activeElement;
          const name = active.getAttribute("role") ?? active.textContent.trim();
          return name + "|" + getComputedStyle(active).outlineStyle;
        })()`),
        ).split("|");
        assert.notEqual(outline, "none", `${name} shows that it has the focus`);
        seen.push(name ?? "");
      }
      for (const part of ["Pause", "Cancel", "Retry", "Roll back", "As figures", "board-1"])
        assert.ok(seen.includes(part), `${part} is reached: ${seen.join(", ")}`);
      for (const key of ["ArrowDown", "ArrowDown", "End", "Home", "ArrowDown"]) await page.keyboard.press(key);
      assert.equal(await page.getByRole("grid").getAttribute("aria-activedescendant"), "row-board-2");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "board-2" }).waitFor();
      assert.equal(await page.evaluate("document.activeElement.id"), "main", "who hears the page begins at its top");
      assert.equal(await page.title(), "fota: board-2");
    });

    for (const dark of [false, true])
      it(`has no finding of axe in ${dark ? "dark" : "light"}: fleet, device, board, question`, async () => {
        const { page, go, findings } = bound(await open({ dark }));
        await page.getByRole("grid").waitFor();
        await page.getByText("As figures").click();
        assert.deepEqual(await findings(), []);
        await page.getByRole("button", { name: `Cancel ${jobId}` }).click();
        await page.getByText("It will do this").waitFor();
        assert.deepEqual(await findings(), []);
        await page.keyboard.press("Escape");
        for (const thing of ["board-1", "board-3"]) {
          await go(`#/device/${thing}`);
          await page.getByRole("article").first().waitFor();
          assert.deepEqual(await findings(), [], thing);
        }
      });

    it("fits a phone: nothing is wider than the screen", async () => {
      const { page, go, overflow, findings } = bound(await open({ width: PHONE }));
      await page.getByRole("grid").waitFor();
      await page.getByText("As figures").click();
      assert.equal(await overflow(), 0, "fleet");
      assert.deepEqual(await findings(), []);
      await page.getByRole("button", { name: `Retry ${jobId}` }).click();
      await page.getByText("It will do this").waitFor();
      assert.equal(await overflow(), 0, "question");
      await page.keyboard.press("Escape");
      for (const thing of ["board-1", "board-3"]) {
        await go(`#/device/${thing}`);
        await page.getByRole("article").first().waitFor();
        assert.equal(await overflow(), 0, thing);
      }
    });

    it("takes the colours of the computer, and others when it is told to", async () => {
      const { page } = await open({ dark: true });
      const back = async () => String(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      const dark = await back();
      await page.getByLabel("Colours").selectOption("light");
      const light = await back();
      assert.notEqual(light, dark);
      await page.reload();
      await page.getByRole("grid").waitFor();
      assert.equal(await back(), light, "it is kept, and so is the token");
      await page.getByLabel("Colours").selectOption("auto");
      assert.equal(await back(), dark);
    });

    it("offers no action unless it was started with --write", async () => {
      const looks = await serve();
      try {
        const { page } = await open({}, looks.url);
        await page.getByText("looks only").waitFor();
        await page.getByRole("article", { name: `Job ${jobId}` }).waitFor();
        assert.equal(await page.locator("button", { hasText: /Pause|Cancel|Retry|Roll back/ }).count(), 0);
      } finally {
        await looks.close();
      }
    });

    it("does what it said, after it was confirmed, and nothing before", async () => {
      const { page } = await open();
      await page.getByRole("button", { name: `Pause ${jobId}` }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("1 have not begun, and will not").waitFor();
      await dialog.getByRole("button", { name: "Leave it as it is" }).click();
      await dialog.waitFor({ state: "detached" });
      assert.equal(await jobStatus(jobId), "IN_PROGRESS");
      await page.getByRole("button", { name: `Pause ${jobId}` }).click();
      await dialog.getByRole("button", { name: "Pause it" }).click();
      await dialog.getByText(`${jobId} is stopped`).waitFor();
      assert.equal(await jobStatus(jobId), "CANCELED");
      await dialog.getByRole("button", { name: "Close" }).click();
      await page.getByText("Stopped: FOTA_PAUSED").waitFor();

      await page.getByRole("button", { name: `Retry ${jobId}` }).click();
      await dialog.getByText("left out: 1 image-chip").waitFor();
      await dialog.getByRole("button", { name: "Retry it" }).click();
      const made = await dialog.getByText(/the job fota-\S+ is made/).textContent();
      const [, retry = ""] = /the job (fota-\S+) is made/.exec(made ?? "") ?? [];
      assert.equal(await jobStatus(retry), "IN_PROGRESS");
      await dialog.getByRole("button", { name: "Close" }).click();
      await page.getByRole("article", { name: `Job ${retry}` }).waitFor();
    });

    it("says what a roll-back lacks, in the tool's own words", async () => {
      const { page } = await open();
      await page.getByRole("button", { name: `Roll back ${jobId}` }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Back to version").fill("0.9.0");
      await dialog.getByRole("button", { name: "See what it would do" }).click();
      await dialog.getByText("there is no image 0.9.0").waitFor();
      refused();
      assert.equal(await dialog.getByRole("button", { name: "Roll it back" }).count(), 0);
    });

    it("says that it is stale when its server is gone, and that a new server needs its own address", async () => {
      const other = await serve();
      const { page } = await open({}, other.url);
      await page.getByText(/^live$/).waitFor();
      await other.close();
      await page.getByText(/^stale: nothing heard since/).waitFor();
      const again = await serve({ port: Number(new URL(other.origin).port) });
      try {
        await page.getByText(/^no access: open the page by the address that was printed/).waitFor();
      } finally {
        await again.close();
      }
      refused();
    });

    it("shows nothing to whoever does not have the token", async () => {
      const { page } = await open({}, `${dashboard.origin}/`);
      await page.getByText(/^no access:/).waitFor();
      assert.doesNotMatch(await page.locator("main").innerText(), /board-|fota-/);
      refused();
    });
  });
});

/** Its methods, to be called without it. */
function bound(shown: ShownPage) {
  return {
    page: shown.page,
    go: (hash: string) => shown.go(hash),
    findings: () => shown.findings(),
    overflow: () => shown.overflow(),
  };
}
