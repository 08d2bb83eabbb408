// SPDX-License-Identifier: Apache-2.0
import { ask, check, equal, everyPage, notFound, test } from "./harness.mjs";

const names = (page) => page.locator("#targets tbody th").allInnerTexts();

test("every page loads: nothing on the console, nothing from elsewhere, no cookie", async (site) => {
  const page = await site.open("/", { allowed: notFound });
  for (const [name, path] of Object.entries(await everyPage(site.world))) {
    await page.goto(site.world.states + path);
    equal(await page.locator("h1").count(), 1, `headings of the ${name}`);
    equal(await page.evaluate(() => getComputedStyle(document.body).display), "flex", `the style of the ${name}`);
  }
});

test("the policy is in force: what is inline does not run", async (site) => {
  const page = await site.open("/", { allowed: /Content Security Policy/ });
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'owned'";
    document.body.append(script);
  });
  check((await page.title()) !== "owned", "an inline script ran");
});

test("the overview has the worst target first and says how many are bad", async (site) => {
  const page = await site.open("/");
  const order = await page.locator("#targets tbody .badge:first-of-type").evaluateAll(
    (badges) => badges.map((badge) => badge.classList[1]).filter((css) => css !== "running"));
  const ranks = ["failed", "stale", "inconclusive", "never", "passed", "disabled"];
  const sorted = [...order].sort((a, b) => ranks.indexOf(a) - ranks.indexOf(b));
  equal(order, sorted, "the order");
  equal(new Set(order).size, ranks.length, "states on the overview");
  equal((await names(page)).slice(0, 2), ["billing", "warehouse"], "the first rows");
  const bad = order.filter((css) => css === "failed").length;
  check((await page.locator(".summary strong").innerText()).includes(`No: ${bad} of `), "the summary");
});

test("a target leads to its runs and back", async (site) => {
  const page = await site.open("/");
  await page.click("text=shop");
  equal(await page.locator("h1").innerText(), "shop", "the target's heading");
  equal(await page.locator(".timeline li").count(), 42, "runs of the timeline");
  equal(await page.locator("#runs tbody tr").count(), 42, "runs of the table");
  await page.click(".timeline a.failed >> nth=0");
  check((await page.locator(".verdict").innerText()).includes("truncated"), "the run's cause");
  await page.click("nav.path a:has-text('shop')");
  await page.click("nav.path a:has-text('Overview')");
  equal(await page.locator("h1").innerText(), "Can we restore?", "the overview's heading");
});

test("a drill that failed is marked, and leads to a report that needs nothing else", async (site) => {
  const page = await site.open("/");
  equal(await page.locator("#targets a[href$='#drills']").allInnerTexts(), ["Its last recovery drill failed"], "marks");
  await page.click("#targets a[href$='#drills']");
  await page.click("#drill-list a >> nth=0");
  check((await page.locator(".verdict").innerText()).includes("does not work"), "its verdict");
  equal(await page.locator("#stages tbody tr").count(), 5, "stages");
  await page.goto(site.world.states + "/targets/shop");
  equal(await page.locator("#drill-list .badge").allInnerTexts(), ["passed", "failed"], "the last drills");
  await page.goto(site.world.states + "/targets/archive");
  check((await page.locator("main").innerText()).includes("never drilled"), "one that was never drilled");
  const report = await (await ask(site.world.states + `/drills/${(await site.world.drills("shop"))[0].id}`)).text();
  const context = await site.browser.newContext({ offline: true });
  const alone = await context.newPage();
  alone.on("request", (request) => site.faults.push(`asks for ${request.url()}`));
  await alone.setContent(report);
  equal(await alone.evaluate(() => getComputedStyle(document.body).display), "flex", "its style");
  equal(await alone.locator("figure.objective").count(), 2, "objectives");
  equal(await alone.locator("#stages rect.recovery").count(), 6, "the recovery below the stages");
  await context.close();
});

test("a self-test that missed a damage is marked, and the mark leads to its matrix", async (site) => {
  const page = await site.open("/");
  equal(await page.locator("#targets a[href$='#selftest']").allInnerTexts(), ["Its self-test missed 1 damage"], "marks");
  await page.click("#targets a[href$='#selftest']");
  equal(await page.locator("h1").innerText(), "slow", "the target's heading");
  equal(await page.locator("#damages tbody tr:has(.badge.failed) th").allInnerTexts(), ["orphan_row"], "what was missed");
  await page.goto(site.world.states + "/targets/shop");
  check(await page.locator("#damages .badge.passed").count() >= 5, "damages that were caught");
  equal(await page.locator("#damages .badge.failed").count(), 0, "damages that were missed");
  await page.goto(site.world.states + "/targets/archive");
  check((await page.innerText("main")).includes("never run"), "a scheduled one that never was");
});

// Cells whose content lies on that of others, or is cut off.
const spilling = () => [...document.querySelectorAll("th, td, dd, .badge")]
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth > 1).map((cell) => cell.outerHTML.slice(0, 100));

test("no page is wider than its window, no cell spills", async (site) => {
  const page = await site.open("/", { allowed: notFound });
  for (const [name, path] of Object.entries(await everyPage(site.world))) {
    await page.goto(site.world.states + path);
    for (const width of [380, 900, 1400]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      check(wide <= width, `the ${name} is ${wide} px wide in a window of ${width} px`);
      equal(await page.evaluate(spilling), [], `cells of the ${name} that spill at ${width} px`);
    }
  }
});

test("rows become cards where it is narrow, with all that they say", async (site) => {
  const page = await site.open("/", { viewport: { width: 380, height: 800 } });
  const row = page.locator("#targets tbody tr").first();
  const boxes = await row.locator("th, td").evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().top));
  equal(boxes, [...boxes].sort((a, b) => a - b), "cells in rows, from top to bottom");
  check(new Set(boxes).size >= 4, "cells below each other");
  const label = await row.locator("td").nth(1).evaluate((cell) => getComputedStyle(cell, "::before").content);
  equal(label, '"Last pass"', "a cell's label");
});

test("pages are whole without scripts", async (site) => {
  const page = await site.open("/", { javaScriptEnabled: false });
  check((await names(page)).includes("shop"), "the targets");
  equal(await page.locator("#filter").isVisible(), false, "the filter, which would do nothing");
  equal(await page.locator("#live").isVisible(), false, "what is said of freshness");
  await page.click("text=shop");
  equal(await page.locator(".plot svg").count(), 4, "plots");
});

test("only GET and HEAD are answered", async (site) => {
  for (const path of ["/", "/schedule", "/targets/shop", "/runbooks/", "/static/live.js"])
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const answer = await ask(site.world.states + path, { method });
      equal([answer.status, answer.headers.get("allow")], [405, "GET, HEAD"], `${method} ${path}`);
    }
  equal((await ask(site.world.states + "/", { method: "HEAD" })).status, 200, "HEAD");
});
