// SPDX-License-Identifier: Apache-2.0
import { equal, refresh, test } from "./harness.mjs";

const open = (site) => site.open("/", { base: site.world.many });
const shown = (page) => page.locator("#targets tbody tr").evaluateAll(
  (rows) => rows.filter((row) => row.getClientRects().length > 0).map((row) => row.cells[0].textContent));
const said = (page) => page.locator("#filter output").innerText();

test("a thousand targets are there, the worst first", async (site) => {
  const page = await open(site);
  const rows = await shown(page);
  equal(rows.length, 1000, "rows");
  equal([rows[0], rows[998], rows[999]], ["target-0007", "target-0999", "target-0008"], "the order");
  equal(await said(page), "", "nothing is said of a filter that is not used");
});

test("the filter finds among a thousand by name, result and reason", async (site) => {
  const page = await open(site);
  for (const [text, count] of [["target-0042", 1], ["FAILED", 1], ["  btreeinitpage  damaged ", 1], ["09", 119], ["none such", 0]]) {
    await page.fill("#filter-text", text);
    equal((await shown(page)).length, count, `rows of "${text}"`);
    equal(await said(page), `${count} of 1,000 shown`, "the count");
  }
  await page.fill("#filter-text", "");
  equal((await shown(page)).length, 1000, "rows without a filter");
});

test("what was typed into the filter survives updates", async (site) => {
  const page = await open(site);
  await page.fill("#filter-text", "0042");
  await page.keyboard.press("ArrowLeft");
  await refresh(page);
  await page.waitForTimeout(100);
  equal(await page.inputValue("#filter-text"), "0042", "the text");
  equal(await page.evaluate(() => [document.activeElement.id, document.activeElement.selectionStart]), ["filter-text", 3], "the cursor");
  equal(await shown(page), ["target-0042"], "the rows");
});
