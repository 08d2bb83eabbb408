// SPDX-License-Identifier: Apache-2.0
// Keeps a page fresh without loading it anew, and filters the overview. Pages are whole without it.
"use strict";

(() => {
  const soonest = 3000, latest = 20000, patience = 10000; // milliseconds
  const main = document.querySelector("main[data-live]");
  const live = document.getElementById("live");

  // --- Makes `old` like `fresh` and keeps every node that can stay: focus, scroll position and
  // selection live in nodes. Counts what changed besides times.
  let changes = 0;

  const key = (node) => node.id || node.getAttribute?.("aria-labelledby") || "";
  const alike = (a, b) => a.nodeName === b.nodeName && key(a) === key(b) &&
    (key(a) !== "" || a.classList?.[0] === b.classList?.[0]);

  function patchAttributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
      const isUsers = name === "open" && old.nodeName === "DETAILS";
      if (!fresh.hasAttribute(name) && !isUsers) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes)
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }

  // The child of `old` that shall become `wanted`: at `at` or behind it.
  function partner(at, wanted, keyed) {
    if (key(wanted)) return keyed.get(key(wanted));
    while (at && !alike(at, wanted)) at = at.nextSibling;
    return at;
  }

  function patchChildren(old, fresh) {
    const keyed = new Map([...old.children].filter(key).map((child) => [key(child), child]));
    const wantedKeys = new Set([...fresh.children].map(key));
    let at = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      const found = partner(at, wanted, keyed);
      if (!found || !alike(found, wanted)) {
        old.insertBefore(document.importNode(wanted, true), at);
        ++changes;
        continue;
      }
      while (at && at !== found && !(key(at) && wantedKeys.has(key(at)))) at = removed(at);
      if (at === found) at = at.nextSibling;
      else old.insertBefore(found, at);
      patch(found, wanted);
    }
    while (at) at = removed(at);
  }

  function removed(node) {
    const next = node.nextSibling;
    node.remove();
    ++changes;
    return next;
  }

  function patch(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.parentNode.nodeName !== "TIME") ++changes;
      old.data = fresh.data;
    } else if (!old.hasAttribute("data-keep")) {
      patchAttributes(old, fresh);
      patchChildren(old, fresh);
    }
  }

  // What a reader holds, held again where patching took it: the focused element, or the first link
  // of the row that has its row's id, and the selected text.
  function hold() {
    const focused = main.contains(document.activeElement) ? document.activeElement : null;
    const row = focused?.closest("[id]")?.id;
    const selection = getSelection();
    const { anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed } = selection;
    const within = (node, offset) => Math.min(offset, node.data?.length ?? node.childNodes.length);
    return () => {
      if (focused && document.activeElement !== focused) {
        const next = focused.isConnected ? focused : document.getElementById(row)?.querySelector("a");
        (next ?? main).focus({ preventScroll: true });
      }
      if (isCollapsed || !main.contains(anchorNode) || !main.contains(focusNode)) return;
      selection.setBaseAndExtent(
        anchorNode, within(anchorNode, anchorOffset), focusNode, within(focusNode, focusOffset));
    };
  }

  function show(fresh) {
    const again = hold();
    changes = 0;
    patch(main, fresh.querySelector("main"));
    if (document.title !== fresh.title) document.title = fresh.title;
    filter();
    again();
  }

  // --- The filter of the overview: rows whose name, result or reason hold every word.
  const field = document.getElementById("filter-text");
  const count = document.querySelector("#filter output");

  function filter() {
    if (!field) return;
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = document.querySelectorAll("#targets > tbody > tr");
    let shown = 0;
    for (const row of rows) {
      const text = `${row.cells[0].textContent} ${row.cells[1].textContent}`.toLowerCase();
      const fits = words.every((word) => text.includes(word));
      if (row.hidden === fits) row.hidden = !fits;
      shown += fits;
    }
    const all = rows.length.toLocaleString("en");
    const said = words.length === 0 ? "" : `${shown.toLocaleString("en")} of ${all} shown`;
    if (count.textContent !== said) count.textContent = said;
  }

  if (field) {
    document.getElementById("filter").hidden = false;
    field.addEventListener("input", filter);
    filter();
  }

  // --- Whether the page is fresh, said when that changes and not at every look.
  let asOf = "";

  function say(text, isTrouble) {
    if (live.textContent === text) return;
    live.hidden = text === "";
    live.classList.toggle("failed", isTrouble);
    live.textContent = text;
    live.setAttribute("role", "status"); // what is there before is not read out
  }

  function remember() {
    asOf = main.querySelector(".as-of time")?.textContent.slice(-8) ?? asOf;
  }

  // The server's page as a document, or why not. What is missing is a page, too.
  async function ask() {
    const url = location.origin + location.pathname + location.search;
    const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(patience) });
    if (response.status === 401) return "backproof wants a password; load the page again";
    if (!response.ok && response.status !== 404) return `backproof answers ${response.status}`;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector("main#main") ? page : "something else answers in backproof's place";
  }

  let timer = 0, pause = soonest, isAsking = false;

  async function refresh() {
    if (isAsking || document.hidden) return;
    clearTimeout(timer);
    isAsking = true;
    const page = await ask().catch(() => "backproof does not answer");
    isAsking = false;
    if (typeof page === "string") {
      say(`Not updated since ${asOf}: ${page}`, true);
      if (page.includes("password")) return; // the browser asked for it, and shall not again and again
      pause = Math.min(2 * pause, latest);
    } else {
      show(page);
      remember();
      // A run that has ended changes no more.
      say(main.hasAttribute("data-live") ? "Live" : "", false);
      if (!main.hasAttribute("data-live")) return;
      pause = changes > 0 ? soonest : Math.min(1.5 * pause, latest);
    }
    timer = setTimeout(refresh, pause);
  }

  function resume() {
    clearTimeout(timer);
    if (document.hidden || !main.hasAttribute("data-live")) return;
    pause = soonest;
    refresh();
  }

  if (main && live) {
    remember();
    say("Live", false);
    document.addEventListener("visibilitychange", resume);
    addEventListener("online", resume);
    addEventListener("pageshow", (event) => event.persisted && resume());
    timer = setTimeout(refresh, soonest);
  }
})();
