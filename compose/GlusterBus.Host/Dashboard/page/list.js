// The feed: a list of any length of which only what is in view has elements, each as high as the others.
import { brief, change, h, mark } from "./words.js";

const height = 52;
const most = 5000;

export class Feed {
  /** @param frame the scrolled element; @param onselect told the transition that was clicked; @param onmore told how many new ones wait above. */
  constructor(frame, { onselect, onmore }) {
    this.frame = frame;
    this.spacer = h("div", { class: "spacer", "aria-hidden": "true" });
    this.rows = [];
    frame.append(this.spacer);
    Object.assign(this, { onselect, onmore, all: [], shown: [], isWanted: () => true, dirty: true });
    frame.addEventListener("scroll", () => { this.dirty = true; }, { passive: true });
    new ResizeObserver(() => { this.dirty = true; }).observe(frame);
  }

  /** Takes the place of everything shown; the oldest first. */
  replace(transitions) {
    this.all = transitions.slice(-most).reverse();
    this.filter(this.isWanted);
    this.frame.scrollTop = 0;
  }

  /** Adds what is newer, the oldest first. Whoever reads further down keeps the line under their eyes. */
  add(transitions) {
    const fresh = transitions.slice(-most).reverse();
    this.all = fresh.concat(this.all).slice(0, most);
    const wanted = fresh.filter(this.isWanted);
    if (wanted.length === 0) return;
    this.shown = wanted.concat(this.shown).slice(0, most);
    if (this.frame.scrollTop > height / 2) {
      this.frame.scrollTop += wanted.length * height;
      this.onmore(wanted.length);
    }
    this.dirty = true;
  }

  filter(isWanted) {
    this.isWanted = isWanted;
    this.shown = this.all.filter(isWanted);
    this.dirty = true;
  }

  toTop() {
    this.frame.scrollTop = 0;
    this.dirty = true;
  }

  /** Renders if anything changed; called once a frame. */
  draw() {
    if (!this.dirty) return;
    this.dirty = false;
    if (this.frame.scrollTop <= height / 2) this.onmore(0);
    const total = `${this.shown.length * height}px`;
    if (this.spacer.style.height !== total) this.spacer.style.height = total;
    const first = Math.max(0, Math.floor(this.frame.scrollTop / height) - 2);
    const count = Math.min(this.shown.length - first, Math.ceil(this.frame.clientHeight / height) + 4);
    while (this.rows.length < count) this.rows.push(this.make());
    this.rows.forEach((row, i) => {
      const transition = i < count ? this.shown[first + i] : null;
      row.element.hidden = transition === null;
      if (transition) this.fill(row, transition, first + i);
    });
  }

  make() {
    const row = { transition: null, index: -1, severity: null };
    row.mark = h("span", { class: "mark-box" });
    row.entity = h("span", { class: "entity" });
    row.time = h("time", {});
    row.change = h("span", { class: "change" });
    row.button = h("button", { type: "button", onclick: () => this.onselect(row.transition), onkeydown: event => this.key(event, row) },
      row.mark, row.entity, row.change, row.time);
    row.element = h("div", { role: "listitem", class: "line" }, row.button);
    this.frame.append(row.element);
    return row;
  }

  fill(row, transition, index) {
    if (row.index !== index) {
      row.index = index;
      row.element.style.transform = `translateY(${index * height}px)`;
      row.element.setAttribute("aria-posinset", index + 1);
    }
    row.element.setAttribute("aria-setsize", this.shown.length);
    if (row.transition === transition) return;
    row.transition = transition;
    if (row.severity !== transition.data.severity) {
      row.severity = transition.data.severity;
      row.mark.replaceChildren(mark(row.severity));
    }
    row.entity.textContent = transition.subject;
    row.time.textContent = brief(new Date(transition.time));
    row.change.textContent = change(transition);
  }

  key(event, row) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = row.index + step;
    if (next < 0 || next >= this.shown.length) return;
    const top = next * height;
    if (top < this.frame.scrollTop) this.frame.scrollTop = top;
    if (top + height > this.frame.scrollTop + this.frame.clientHeight) this.frame.scrollTop = top + height - this.frame.clientHeight;
    this.dirty = true;
    this.draw();
    this.rows.find(r => r.index === next && !r.element.hidden)?.button.focus();
  }
}
