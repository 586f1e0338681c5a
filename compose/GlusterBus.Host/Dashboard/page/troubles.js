// What an operator has to look at, the gravest first, each with what it explains.
import { count, duration, h, mark } from "./words.js";

const most = 60;

export class Troubles {
  constructor(list, { onselect }) {
    Object.assign(this, { list, onselect, lines: new Map() });
  }

  /** Shows the first of them. A line that stays is kept as it is but for its durations, so that nothing moves under a finger, what was opened stays open,
   * and hundreds of changes a second cost little.
   * @param now the moment that the picture shows. */
  show(troubles, now, least) {
    const before = this.lines;
    this.lines = new Map();
    for (const { row, effects } of troubles.slice(0, most)) {
      const rows = [row, ...effects.slice(0, most)];
      const key = JSON.stringify([effects.length, ...rows.map(r => [r.entity, r.severity, r.state])]);
      const line = before.get(key) ?? this.line(rows, effects.length);
      this.lines.set(key, line);
      rows.forEach((r, i) => {
        const text = `${r.state ?? "?"} for ${duration(now - new Date(r.since))}`;
        if (line.changes[i].textContent !== text) line.changes[i].textContent = text;
      });
    }
    if (troubles.length > most) this.say(before, "more", `and ${count(troubles.length - most, "more")}; narrow the filter to see them`);
    if (troubles.length === 0) this.say(before, "calm", least > 0 ? "Nothing this grave." : "Nothing to look at.", mark("ok"));
    this.place([...this.lines.values()].map(line => line.element));
  }

  say(before, kind, text, ...marks) {
    this.lines.set(text, before.get(text) ?? { element: h("li", { class: kind }, ...marks, text), changes: [] });
  }

  place(elements) {
    const { children } = this.list;
    if (children.length === elements.length && elements.every((element, i) => element === children[i])) return;
    const focused = document.activeElement?.closest?.("[data-entity]");
    const entity = focused && this.list.contains(focused) ? focused.dataset.entity : null;
    this.list.replaceChildren(...elements);
    if (entity) [...this.list.querySelectorAll("[data-entity]")].find(e => e.dataset.entity === entity)?.focus();
  }

  line([row, ...shown], effects) {
    const changes = [];
    const children = [this.button(row, changes)];
    if (effects > 0) {
      children.push(h("details", {}, h("summary", {}, `explains ${count(effects, "other")}`),
        h("ul", {}, ...shown.map(effect => h("li", {}, this.button(effect, changes))))));
    }
    return { element: h("li", { class: effects > 0 ? "has-effects" : "" }, ...children), changes };
  }

  button(row, changes) {
    changes.push(h("span", { class: "change" }));
    return h("button", { type: "button", "data-entity": row.entity, onclick: () => this.onselect(row.entity) },
      mark(row.severity), h("span", { class: "entity" }, row.entity), changes.at(-1));
  }
}
