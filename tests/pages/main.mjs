// SPDX-License-Identifier: Apache-2.0
// Runs the tests of the pages: main.mjs MODULES CHROMIUM PROGRAM [WORD]. Called by run.
import { createRequire } from "node:module";
import { Site, World, tests } from "./harness.mjs";
import "./pages_test.mjs";
import "./accessibility_test.mjs";
import "./hostile_test.mjs";
import "./thousand_test.mjs";
import "./live_test.mjs";

const [modules, chromiumPath, program, word = ""] = process.argv.slice(2);
const { chromium } = createRequire(modules + "/")("playwright-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

async function runAll(world, browser) {
  let failed = 0, ran = 0;
  for (const { name, body } of tests.filter((test) => test.name.includes(word))) {
    const site = new Site(browser, world), started = Date.now();
    const failures = [];
    await body(site).catch((error) => failures.push(error));
    await site.close().catch((error) => failures.push(error));
    console.log(`${failures.length === 0 ? "passed" : "FAILED"}  ${name} (${Date.now() - started} ms)`);
    for (const error of failures) console.log(`        ${String(error.stack).replaceAll("\n", "\n        ")}`);
    failed += failures.length > 0;
    ++ran;
  }
  console.log(`${ran - failed} passed, ${failed} failed`);
  return ran > 0 && failed === 0;
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
