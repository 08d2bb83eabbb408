// SPDX-License-Identifier: Apache-2.0
// Faults of the page it is evaluated in, as sentences: what keeps people from reading or using it
// (WCAG 2.2, level AA, as far as a program can see it). Runs in the browser, so it stands alone.
export function faultsOfPage() {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const say = (element, text) => faults.push(`${text}: ${element.outerHTML.slice(0, 120)}`);
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const nameOf = (element) =>
    element.getAttribute("aria-label") ||
    (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? "").join(" ") ||
    [...(element.labels ?? [])].map((label) => label.textContent).join(" ") || element.textContent;

  function structure() {
    if (document.documentElement.lang !== "en") faults.push("no language");
    if (!document.title) faults.push("no title");
    for (const [selector, count] of [["main", 1], ["body > header", 1], ["body > footer", 1], ["h1", 1]])
      if (all(selector).length !== count) faults.push(`${all(selector).length} of ${selector}`);
    let level = 0;
    for (const heading of all("h1, h2, h3, h4, h5, h6")) {
      const own = Number(heading.nodeName[1]);
      if (own > level + 1) say(heading, "a level of headings is left out");
      if (!heading.textContent.trim()) say(heading, "an empty heading");
      level = own;
    }
    const ids = all("[id]").map((element) => element.id);
    for (const id of ids.filter((id, place) => ids.indexOf(id) !== place)) faults.push(`the id ${id} is there twice`);
    for (const attribute of ["aria-labelledby", "aria-describedby", "for"])
      for (const element of all(`[${attribute}]`))
        for (const id of element.getAttribute(attribute).split(" "))
          if (!document.getElementById(id)) say(element, `${attribute} leads nowhere`);
    for (const item of all("li")) if (!/^[OU]L$/.test(item.parentNode.nodeName)) say(item, "an item outside of a list");
    for (const list of all("ul, ol"))
      if ([...list.children].some((child) => child.nodeName !== "LI")) say(list, "a list of other things than items");
  }

  function names() {
    for (const element of all("a, input, button, select, nav, [role=region], [role=search], progress, [role=img]"))
      if (!nameOf(element).trim()) say(element, "without a name");
    for (const nav of all("nav")) if (!nav.hasAttribute("aria-label")) say(nav, "a navigation without a name");
    for (const image of all("img")) if (!image.hasAttribute("alt")) say(image, "an image without words");
    for (const svg of all("svg"))
      if (svg.getAttribute("aria-hidden") !== "true" && svg.getAttribute("role") !== "img") say(svg, "neither named nor hidden");
    for (const table of all("table")) {
      if (!table.caption?.textContent.trim()) say(table, "a table without a caption");
      for (const head of table.querySelectorAll("th"))
        if (!["row", "col"].includes(head.scope)) say(head, "a heading cell without a scope");
    }
    for (const element of all("[tabindex]")) if (element.tabIndex > 0) say(element, "out of the order of the page");
    for (const element of all("main, main *")) {
      const scrolls = element.scrollWidth > element.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
      if (scrolls && element.tabIndex < 0) say(element, "cannot be scrolled by keyboard");
    }
  }

  // Colours as the browser computed them: [red, green, blue, opacity].
  function colour(text) {
    const parts = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return text.startsWith("rgb") ? [...parts, 1].slice(0, 4) : [0, 0, 0, 0];
  }
  const over = (top, below) => top.slice(0, 3).map((part, i) => part * top[3] + below[i] * (1 - top[3])).concat(1);
  function behind(element) {
    const own = colour(getComputedStyle(element).backgroundColor);
    if (own[3] === 1) return own;
    return over(own, element.parentElement ? behind(element.parentElement) : [255, 255, 255, 1]);
  }
  function luminance(rgb) {
    const [r, g, b] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function contrast(text, ground) {
    const [dark, light] = [luminance(over(text, ground)), luminance(ground)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }
  function demand(element, text, least, what) {
    const found = contrast(colour(text), behind(element));
    if (found < least) say(element, `${what} has a contrast of ${found.toFixed(2)}, not ${least}`);
  }

  function contrasts() {
    for (const element of all("body *")) {
      if (!visible(element) || element.closest("svg")) continue;
      const style = getComputedStyle(element), before = getComputedStyle(element, "::before");
      const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
      const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
      if (hasText && style.clipPath === "none") demand(element, style.color, large ? 3 : 4.5, "text");
      if (!["none", "normal", '""'].includes(before.content)) demand(element, before.color, 4.5, "a sign");
    }
    for (const text of all("svg text")) demand(text, getComputedStyle(text).fill, 4.5, "text of a plot");
    for (const shape of all(".plot circle, .plot .trend, .plot .objective, .bar rect")) {
      const style = getComputedStyle(shape);
      const seen = [style.fill, style.stroke].map((paint) => contrast(colour(paint), behind(shape)));
      if (Math.max(...seen) < 3) say(shape, "a shape that is hardly seen");
    }
    for (const input of all("input").filter(visible)) {
      demand(input, getComputedStyle(input, "::placeholder").color, 4.5, "a placeholder");
      demand(input.parentElement, getComputedStyle(input).borderTopColor, 3, "a border");
    }
    for (const badge of all(".badge"))
      if (!/\S/.test(getComputedStyle(badge, "::before").content.replace(/["\s]|none/g, ""))) say(badge, "a badge without a sign");
  }

  structure();
  names();
  contrasts();
  return faults;
}
