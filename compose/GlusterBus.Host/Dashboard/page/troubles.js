// What an operator has to look at, the gravest first, each with what it explains.
import { count, duration, h, mark } from "./words.js";

const most = 60;

export class Troubles {
  constructor(list, { onselect }) {
    Object.assign(this, { list, onselect, shown: "" });
  }

  /** @param now the moment that the picture shows. */
  show(troubles, now, least) {
    const lines = troubles.slice(0, most);

    // Made anew only when a line of it reads differently, so that nothing moves under a finger or out of the focus.
    const text = JSON.stringify([lines.map(t => [t.row.entity, t.row.state, duration(now - new Date(t.row.since)), t.effects.length]), troubles.length, least]);
    if (text === this.shown) return;
    this.shown = text;
    const focused = document.activeElement?.closest?.("[data-entity]");
    const entity = focused && this.list.contains(focused) ? focused.dataset.entity : null;
    this.list.replaceChildren(...lines.map(trouble => this.line(trouble, now)));
    if (troubles.length > most) this.list.append(h("li", { class: "more" }, `and ${count(troubles.length - most, "more")}; narrow the filter to see them`));
    if (lines.length === 0) this.list.append(h("li", { class: "calm" }, mark("ok"), least > 0 ? "Nothing this grave." : "Nothing to look at."));
    if (entity) [...this.list.querySelectorAll("[data-entity]")].find(e => e.dataset.entity === entity)?.focus();
  }

  line({ row, effects }, now) {
    const children = [this.button(row, now)];
    if (effects.length > 0) {
      children.push(h("details", {}, h("summary", {}, `explains ${count(effects.length, "other")}`),
        h("ul", {}, ...effects.slice(0, most).map(effect => h("li", {}, this.button(effect, now))))));
    }
    return h("li", { class: effects.length > 0 ? "has-effects" : "" }, ...children);
  }

  button(row, now) {
    return h("button", { type: "button", "data-entity": row.entity, onclick: () => this.onselect(row.entity) },
      mark(row.severity), h("span", { class: "entity" }, row.entity),
      h("span", { class: "change" }, `${row.state ?? "?"} for ${duration(now - new Date(row.since))}`));
  }
}
