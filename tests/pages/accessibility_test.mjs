// SPDX-License-Identifier: Apache-2.0
import { faultsOfPage } from "./accessibility.mjs";
import { check, equal, everyPage, notFound, test } from "./harness.mjs";

test("every page is accessible, its light and its dark colours have contrast", async (site) => {
  const page = await site.open("/", { allowed: notFound });
  for (const [name, path] of Object.entries(await everyPage(site.world))) {
    await page.goto(site.world.states + path);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const faults = await page.evaluate(faultsOfPage);
      check(faults.length === 0, `${name}, ${colorScheme}:\n${faults.join("\n")}`);
    }
  }
});

test("the checks of accessibility see faults", async (site) => {
  const page = await site.open("/");
  const before = await page.evaluate(faultsOfPage);
  equal(before, [], "faults of the page as it is");
  await page.evaluate(() => {
    const bad = new DOMParser().parseFromString(
      '<div><h4>deep</h4><svg></svg><table><tr><th>x</th></tr></table><input><ul><b>x</b></ul><p id="live">twice</p></div>', "text/html");
    document.querySelector("main").append(bad.body.firstChild);
    document.querySelector("h1").style.setProperty("color", "#bbb");
    for (const element of document.querySelectorAll(".failed")) element.classList.remove("failed");
  });
  const faults = (await page.evaluate(faultsOfPage)).join("\n");
  for (const part of ["level of headings", "neither named nor hidden", "without a caption", "without a scope", "without a name",
    "other things than items", "live is there twice", "a contrast of", "without a sign"])
    check(faults.includes(part), `not seen: ${part}, in:\n${faults}`);
});

test("every state is told by a word and a sign of its own", async (site) => {
  const page = await site.open("/");
  const signs = await page.locator("#targets .badge").evaluateAll((badges) => Object.fromEntries(
    badges.map((badge) => [badge.textContent, getComputedStyle(badge, "::before").content])));
  equal(Object.keys(signs).sort(), ["disabled", "failed", "inconclusive", "never ran", "passed", "stale"], "words");
  equal(new Set(Object.values(signs)).size, 6, "signs");
});

// What has the focus, and whether that is seen.
const focused = (page) => page.evaluate(() => {
  const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.left >= 0 && box.width > 0;
  return { text: element.textContent.trim().slice(0, 40), id: element.id, seen };
});

test("Tab leads through the page, and the focus is seen", async (site) => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await site.open("/", { colorScheme });
    const stops = [];
    for (let i = 0; i < 8; ++i) {
      await page.keyboard.press("Tab");
      const stop = await focused(page);
      check(stop.seen, `the focus is not seen on ${JSON.stringify(stop)}`);
      stops.push(stop.id || stop.text);
    }
    equal(stops.slice(0, 6), ["Skip to the content", "backproof", "Overview", "Schedule", "Runbooks", "filter-text"], "the first stops");
    equal(stops[7], "billing", "the first target");
  }
});

test("the first link skips to the content", async (site) => {
  const page = await site.open("/");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  equal((await focused(page)).id, "main", "the focus");
  await page.keyboard.press("Tab");
  equal((await focused(page)).id, "filter-text", "the focus after it");
});

test("text may be twice as large without losing any", async (site) => {
  const page = await site.open("/targets/billing", { viewport: { width: 1400, height: 900 } });
  await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
  equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "it fits");
});

test("nothing moves for those who do not want it", async (site) => {
  const page = await site.open("/targets/shop", { reducedMotion: "reduce" });
  const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
  }).length);
  equal(moving, 0, "moving elements");
});
