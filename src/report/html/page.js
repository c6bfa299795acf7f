// Filters the page. Everything stands in the page without it.
"use strict";
(() => {
  const get = (id) => document.getElementById(id);
  const tools = get("tools");
  const count = get("count");
  const names = { finding: "finding", secret: "secret", setting: "setting" };
  // What stands in a project is found by the project's name, too.
  const projectOf = (element) => {
    const heading = element.closest(".project")?.querySelector("h2[data-project]");
    return heading ? heading.textContent : "";
  };
  const items = Array.from(document.querySelectorAll("[data-item]"), (element) => ({
    element,
    kind: element.dataset.item,
    words: (element.dataset.is || "").split(" "),
    text: null,
    shown: true,
  }));
  const holders = (selector) => {
    const elements = document.querySelectorAll(selector);
    const found = new Map(Array.from(elements, (element) => [element, { element, items: [] }]));
    for (const item of items) found.get(item.element.closest(selector))?.items.push(item);
    return [...found.values()];
  };
  const groups = holders("[data-group]");
  const sections = holders(".project section");
  const projects = holders(".project");
  const overview = get("projects")?.closest("section");
  const rows = document.querySelectorAll(".overview tbody tr");
  const none = get("none");

  const value = (id) => (get(id) ? get(id).value : "");
  const textOf = (item) => (item.text ??= `${projectOf(item.element)} ${item.element.textContent}`.toLowerCase());

  const matcher = () => {
    const terms = value("search").toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = {
      finding: [value("level")],
      secret: [value("state"), value("when")],
      setting: [],
    };
    return (item) =>
      wanted[item.kind].every((word) => !word || item.words.includes(word)) &&
      terms.every((term) => textOf(item).includes(term));
  };

  const finish = () => {
    const filters = ["search", "level", "state", "when"].some(value);
    // Without a filter everything is there, empty parts too.
    const hide = ({ element, items }) => {
      element.hidden = filters && !items.some((item) => item.shown);
    };
    [...groups, ...sections, ...projects].forEach(hide);
    projects.forEach((project, index) => {
      if (rows[index]) rows[index].hidden = project.element.hidden;
    });
    if (overview) overview.hidden = projects.every((project) => project.element.hidden);
    for (const link of document.querySelectorAll("nav a")) {
      link.parentElement.hidden = get(link.hash.slice(1))?.closest("section")?.hidden ?? false;
    }
    none.hidden = !filters || items.some((item) => item.shown);
    const said = Object.entries(names).flatMap(([kind, name]) => {
      const all = items.filter((item) => item.kind === kind);
      const shown = all.filter((item) => item.shown).length;
      return all.length ? [`${shown} of ${all.length} ${name}${all.length === 1 ? "" : "s"}`] : [];
    });
    count.textContent = filters ? `Shown: ${said.join(", ")}` : "";
    document.documentElement.dataset.filtered = String(++run);
  };

  // What matches is found in slices, so that typing is never kept waiting, and shown at once, so that the page is
  // laid out once. A newer run ends an older one.
  let run = 0;
  let latest = 0;
  const filter = () => {
    const mine = ++latest;
    const matches = matcher();
    const found = [];
    const slice = () => {
      if (mine !== latest) return;
      const end = performance.now() + 12;
      while (found.length < items.length && performance.now() < end) {
        found.push(matches(items[found.length]));
      }
      if (found.length < items.length) {
        setTimeout(slice);
        return;
      }
      items.forEach((item, index) => {
        if (item.shown !== found[index]) {
          item.shown = found[index];
          item.element.hidden = !item.shown;
        }
      });
      finish();
    };
    slice();
  };

  let timer = 0;
  tools.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 80);
  });
  tools.addEventListener("reset", () => setTimeout(filter));
  tools.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("input, select, textarea");
    if (event.key === "/" && !field && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      get("search").focus();
    } else if (event.key === "Escape" && field === get("search") && field.value) {
      event.preventDefault();
      field.value = "";
      filter();
    }
  });
  // On paper nothing can be opened.
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  tools.hidden = false;
  // What browsers keep of a form when a page is loaded again counts.
  filter();
})();
