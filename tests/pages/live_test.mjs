// SPDX-License-Identifier: Apache-2.0
import { check, equal, refresh, refreshUntil, test } from "./harness.mjs";

const rowOf = (name) => `#targets tr:has(bdi:text-is("${name}"))`;

// Remembers the page that was loaded: gone after a reload.
const mark = (page) => page.evaluate(() => void (window.isSame = true));
const isSame = async (page) => equal(await page.evaluate(() => window.isSame), true, "the page was not loaded anew");

test("a run in progress shows how far it is, and goes on by itself", async (site) => {
  check(site.world.has_pg, "no PostgreSQL is installed: nothing runs long enough");
  const page = await site.open("/");
  await mark(page);
  const note = page.locator(`${rowOf("imports")} .running-note`);
  const text = await note.innerText();
  check(/^running: restore, \d+ %/.test(text), text);
  check((await page.locator(`${rowOf("imports")} progress`).getAttribute("value")) > 0, "the bar");
  // By its own clock, not because the test asks for it.
  await page.waitForFunction((before) => document.querySelector(".running-note").innerText !== before, text);
  await isSame(page);
});

test("a result appears in its row; focus, selection, scrolling and the filter stay", async (site) => {
  const page = await site.open("/", { viewport: { width: 1400, height: 400 } });
  await mark(page);
  await page.fill("#filter-text", "st");
  await page.locator(`${rowOf("staging")} a`).focus();
  const before = await page.evaluate(() => {
    getSelection().selectAllChildren(document.querySelector("#targets tr a bdi"));
    return { row: document.activeElement.closest("tr").id, selected: String(getSelection()), y: scrollY };
  });
  check(before.y > 0, "nothing to scroll");
  await site.world.tell("verify staging");
  await refreshUntil(page, "staging has passed", (row) => document.querySelector(`#${row} .badge.passed`) !== null, before.row);
  const after = await page.evaluate(() => ({
    row: document.activeElement.closest("tr")?.id, selected: String(getSelection()), text: document.activeElement.textContent }));
  equal(after, { row: before.row, selected: before.selected, text: "staging" }, "focus and selection");
  equal(await page.evaluate(() => document.querySelectorAll("#targets tbody tr[hidden]").length > 0), true, "the filter");
  check(await page.evaluate(() => scrollY) > 0, "scrolled to the top");
  await isSame(page);
});

test("a run's page follows the run to its end and then rests", async (site) => {
  check(site.world.has_pg, "no PostgreSQL is installed: nothing runs long enough");
  await site.world.tell("begin brief");
  const [run] = await site.world.runs("brief");
  const page = await site.open(`/runs/${run.id}`);
  await mark(page);
  equal(await page.locator("main").getAttribute("data-live"), "", "it is live");
  check((await page.locator("#stages").innerText()).includes("to come"), "stages to come");
  await refreshUntil(page, "the run ends", () => !document.querySelector("main").hasAttribute("data-live"));
  check((await page.locator(".verdict").innerText()).includes("timeout"), "the cause");
  check(await page.locator("#log tbody tr").count() > 0, "the log");
  equal(await page.locator("#live").isVisible(), false, "nothing is said of freshness");
  let asked = 0;
  page.on("request", () => ++asked);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.waitForTimeout(200);
  equal(asked, 0, "questions after the end");
  await isSame(page);
});

test("freshness is said politely, once", async (site) => {
  const page = await site.open("/");
  equal(await page.locator("#live").innerText(), "Live", "what is said");
  await page.evaluate(() => {
    window.told = 0;
    new MutationObserver(() => ++window.told).observe(document.getElementById("live"), { childList: true, characterData: true, subtree: true });
  });
  await refresh(page);
  await refresh(page);
  await page.waitForTimeout(100);
  equal(await page.evaluate(() => window.told), 0, "times it was said again");
});

test("a hidden page does not ask, and asks at once when it is seen", async (site) => {
  const page = await site.open("/");
  let asked = 0;
  page.on("request", (request) => (asked += request.resourceType() === "fetch"));
  const show = (isShown) => page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, !isShown);
  await show(false);
  await page.waitForTimeout(3500); // longer than between two looks
  equal(asked, 0, "questions of a hidden page");
  await show(true);
  await page.waitForTimeout(300);
  equal(asked, 1, "questions when it is seen");
});

// What a proxy, a guard or another program may answer.
for (const [name, answer, said] of [
  ["a request for a password", { status: 401, contentType: "text/plain", body: "no" }, "wants a password"],
  ["an error", { status: 503, contentType: "text/html", body: "<h1>x</h1>" }, "answers 503"],
  ["something that is no page", { status: 200, contentType: "application/json", body: "{}" }, "something else answers"],
  ["somebody else's page", { status: 200, contentType: "text/html", body: "<main>x</main>" }, "something else answers"],
])
  test(`${name} leaves the page as it was, and says so`, async (site) => {
    const page = await site.open("/", { allowed: /status of (401|503)/ });
    const rows = await page.locator("#targets tbody tr").count();
    await page.route("**/*", (route) => route.fulfill(answer));
    await refresh(page);
    await page.waitForSelector("#live.failed");
    const text = await page.locator("#live").innerText();
    check(/^Not updated since \d\d:\d\d:\d\d: /.test(text) && text.includes(said), text);
    equal(await page.locator("#targets tbody tr").count(), rows, "rows");
    await page.unroute("**/*");
    await refresh(page);
    await page.waitForSelector("#live:not(.failed)");
  });

test("a page says that backproof is gone, and recovers by itself when it is back", async (site) => {
  const page = await site.open("/", { allowed: /net::ERR_/ });
  await mark(page);
  const rows = await page.locator("#targets tbody tr").count();
  await site.world.tell("stop");
  try {
    await page.waitForSelector("#live.failed", { timeout: 40000 });
    const text = await page.locator("#live").innerText();
    check(/^Not updated since \d\d:\d\d:\d\d: backproof does not answer$/.test(text), text);
    equal(await page.locator("#live").getAttribute("role"), "status", "it is read out");
    equal(await page.locator("#targets tbody tr").count(), rows, "rows that stay");
  } finally {
    await site.world.tell("start");
  }
  // The longest that a page waits between two looks, and some time to spare.
  await page.waitForSelector("#live:not(.failed)", { timeout: 40000 });
  equal(await page.locator("#live").innerText(), "Live", "what is said");
  await isSame(page);
}, { isAlone: true });
