// SPDX-License-Identifier: Apache-2.0
import { check, equal, test } from "./harness.mjs";

test("a hostile name is text on the overview, and its link works", async (site) => {
  const page = await site.open("/");
  for (const name of Object.values(site.world.hostile)) {
    await page.goto(site.world.states + "/");
    await page.getByRole("link", { name, exact: true }).click();
    equal(await page.locator("h1").textContent(), name, "the heading");
    equal(await page.title(), `${name} – backproof`, "the title");
    await page.locator("#runs tbody a").first().click();
    equal(await page.locator("h1 bdi").textContent(), name, "the run's heading");
  }
});

test("a hostile name and reason make no elements, not when they are patched in either", async (site) => {
  const page = await site.open("/");
  const foreign = () => page.locator("main img, main script, main [onerror], main [style]").count();
  equal(await foreign(), 0, "elements of others");
  check((await page.locator("#targets").textContent()).includes("<script>document.title='owned'</script>"),
    "the reason as text");
  await page.locator("#targets tbody").evaluate((body) => body.replaceChildren());
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.waitForSelector("#targets tbody tr");
  equal(await foreign(), 0, "elements of others after patching");
  check(!(await page.title()).includes("owned"), "a foreign script ran");
});

test("a hostile subject of a check is text on its run", async (site) => {
  const [run] = await site.world.runs(site.world.hostile.html, "failed");
  const page = await site.open(`/runs/${run.id}`);
  const subjects = await page.locator("#checks td:nth-child(3)").allTextContents();
  check(subjects.includes(site.world.hostile_table.replace("\n", "\\n")), `subjects: ${JSON.stringify(subjects)}`);
});
