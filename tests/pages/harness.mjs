// SPDX-License-Identifier: Apache-2.0
// What the tests of the pages are written with.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export const tests = [];

// `body` gets a Site; what it throws is the failure.
export function test(name, body, { isAlone = false } = {}) {
  tests.push({ name, body, isAlone });
}

export function check(holds, text) {
  if (!holds) throw new Error(text);
}

export function equal(found, wanted, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  check(a === b, `${what}: ${a} instead of ${b}`);
}

// Node keeps a connection for its next request and the service ends it after half a second: a
// request that meets the end is made again.
export async function ask(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    return fetch(url, options);
  }
}

// The services of world.py.
export class World {
  static async start(program) {
    const python = spawn("python3", [new URL("world.py", import.meta.url).pathname, program],
      { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    check(!first.done, "the services did not start");
    return Object.assign(new World(), { python, lines }, JSON.parse(first.value));
  }

  // "stop", "start", "verify NAME", "begin NAME".
  async tell(command) {
    this.python.stdin.write(command + "\n");
    const answer = await this.lines.next();
    check(answer.value === "ok", `the services ended at "${command}"`);
  }

  async runs(target, verdict) {
    const query = new URLSearchParams({ target, limit: 200 });
    const { runs } = await (await ask(`${this.states}/api/v1/runs?${query}`)).json();
    return verdict ? runs.filter((run) => run.verdict === verdict) : runs;
  }

  async drills(target) {
    const query = new URLSearchParams({ target });
    return (await (await ask(`${this.states}/api/v1/drills?${query}`)).json()).drills;
  }

  async end() {
    const ended = new Promise((resolve) => this.python.once("exit", resolve));
    if (this.python.exitCode !== null) return;
    this.python.stdin.end();
    await ended;
  }
}

// Pages in a browser that writes down whatever a page of ours never does.
export class Site {
  constructor(browser, world) {
    Object.assign(this, { browser, world, contexts: [], faults: [] });
  }

  // A new window. `allowed` is a pattern of messages that are expected on its console.
  async open(path, { base = this.world.states, allowed = /^$/, ...options } = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
    this.contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    page.on("console", (message) => {
      const bad = ["error", "warning"].includes(message.type()) && !allowed.test(message.text());
      if (bad) this.faults.push(`console of ${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.faults.push(`script of ${page.url()}: ${error}`));
    page.on("dialog", (dialog) => this.faults.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
    page.on("request", (request) => {
      if (!request.url().startsWith(base + "/")) this.faults.push(`asks elsewhere: ${request.url()}`);
    });
    await page.goto(base + path);
    return page;
  }

  async close() {
    for (const context of this.contexts) {
      const cookies = await context.cookies();
      if (cookies.length > 0) this.faults.push(`cookies: ${JSON.stringify(cookies)}`);
      await context.close();
    }
    check(this.faults.length === 0, this.faults.join("\n"));
  }
}

// What a page does when its window is shown again: it looks at once.
export async function refresh(page) {
  const answered = page.waitForResponse((response) => response.request().resourceType() === "fetch");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await answered;
}

// Refreshes until `condition` holds in the page.
export async function refreshUntil(page, what, condition, argument) {
  for (const deadline = Date.now() + 20000; Date.now() < deadline;) {
    await refresh(page);
    try {
      return await page.waitForFunction(condition, argument, { timeout: 400 });
    } catch (error) {
      if (error.name !== "TimeoutError") throw error;
    }
  }
  throw new Error(`in vain: ${what}`);
}

// Every kind of page, by name.
export async function everyPage(world) {
  const first = async (target, verdict) => `/runs/${(await world.runs(target, verdict))[0].id}`;
  const drill = async (target) => `/drills/${(await world.drills(target))[0].id}`;
  return {
    overview: "/",
    "target that passes": "/targets/shop",
    "target that failed": "/targets/billing",
    "target with a hostile name": "/targets/" + encodeURIComponent(world.hostile.html),
    "target with a long name": "/targets/" + world.hostile.long,
    "target without runs": "/targets/archive",
    "target whose self-test missed a damage": "/targets/slow",
    "run that passed": await first("shop", "passed"),
    "run that failed": await first("warehouse", "failed"),
    "run with a hostile reason": await first(world.hostile.html, "failed"),
    "run that is inconclusive": await first("vault", "inconclusive"),
    ...(world.has_pg && { "target that runs": "/targets/imports", "run that goes on": await first("imports") }),
    "drill that passed": await drill("shop"),
    "drill that failed": await drill("slow"),
    schedule: "/schedule",
    runbooks: "/runbooks/",
    runbook: "/runbooks/BackproofVerificationFailed",
    "missing target": "/targets/nobody",
    "missing run": "/runs/20260101T000000Z-00000000",
  };
}

// The browser says so of every page that answers 404.
export const notFound = /status of 404/;
