// SPDX-License-Identifier: Apache-2.0
// Runs the tests of the pages: main.mjs MODULES CHROMIUM PROGRAM [WORD]. Called by run.
import { createRequire } from "node:module";
import { Site, World, tests } from "./harness.mjs";
import "./live_test.mjs"; // first: it waits most
import "./pages_test.mjs";
import "./accessibility_test.mjs";
import "./hostile_test.mjs";
import "./thousand_test.mjs";

const [modules, chromiumPath, program, word = ""] = process.argv.slice(2);
const { chromium } = createRequire(modules + "/")("playwright-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

// Whether the test passed; says so.
async function passes({ name, body }, world, browser) {
  const site = new Site(browser, world), started = Date.now(), failures = [];
  await body(site).catch((error) => failures.push(error));
  await site.close().catch((error) => failures.push(error));
  console.log(`${failures.length === 0 ? "passed" : "FAILED"}  ${name} (${Date.now() - started} ms)`);
  for (const error of failures) console.log(`        ${String(error.stack).replaceAll("\n", "\n        ")}`);
  return failures.length === 0;
}

// Two at a time, because many wait; those that disturb others come last and alone.
async function runAll(world, browser) {
  const wanted = tests.filter((test) => test.name.includes(word));
  const results = [], waiting = wanted.filter((test) => !test.isAlone);
  const lane = async () => {
    for (let next; (next = waiting.shift());) results.push(await passes(next, world, browser));
  };
  await Promise.all([lane(), lane()]);
  for (const test of wanted.filter((test) => test.isAlone)) results.push(await passes(test, world, browser));
  const passed = results.filter(Boolean).length;
  console.log(`${passed} passed, ${results.length - passed} failed`);
  return results.length > 0 && passed === results.length;
}

const world = await World.start(program);
let browser, good = false;
try {
  // Playwright gives it a profile of its own, and removes that afterwards.
  browser = await chromium.launch({ executablePath: chromiumPath, args: flags });
  good = await runAll(world, browser);
} finally {
  await browser?.close();
  await world.end();
}
process.exit(good ? 0 : 1);
