// The time slider: from the beginning of the window to now, with what happened above it. At its right end the page is live.
import { Earlier } from "./earlier.js";
import { clock, count, duration, moment, parseMoment, rank } from "./words.js";

const steps = 2000;
const bars = 120;

/** So many changes are held; when there are as many, there may be earlier ones. */
export const held = 2000;

export class TimeSlider {
  /** @param onseek told the moment to show, null for the present; @param onplay told to play on from the moment shown. */
  constructor(root, { onseek, onplay }) {
    const find = id => root.querySelector(id);
    Object.assign(this, { onseek, onplay, at: null, record: [], knownSince: null, playing: false, dirty: true });
    this.range = find("#when");
    this.span = find("#span");
    this.canvas = find("#happened");
    this.labels = { from: find("#from"), at: find("#at"), until: find("#until") };
    this.buttons = { play: find("#play"), before: find("#before"), after: find("#after"), live: find("#live") };
    this.speed = find("#speed");
    this.earlier = new Earlier(() => { this.dirty = true; });
    this.exact = find("#exact");
    this.range.max = steps;
    this.range.addEventListener("input", () => this.seek(Number(this.range.value) === steps ? null : this.timeOf(Number(this.range.value))));
    this.span.addEventListener("change", () => {
      this.show();
      this.dirty = true;
      this.count();
    });
    this.buttons.play.addEventListener("click", () => this.play(!this.playing));
    this.buttons.live.addEventListener("click", () => this.seek(null));
    this.buttons.before.addEventListener("click", () => this.step(-1));
    this.buttons.after.addEventListener("click", () => this.step(1));
    this.exact.addEventListener("change", () => this.jump());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.dirty = true; });
    new ResizeObserver(() => { this.dirty = true; }).observe(this.canvas);
    this.show();
  }

  get begin() {
    const now = Date.now();
    const wanted = this.span.value === "all" ? Infinity : Number(this.span.value) * 1000;
    const known = this.knownSince ? this.knownSince.getTime() : now - 3_600_000;
    return new Date(Math.max(now - wanted, Math.min(known, now - 60_000)));
  }

  timeOf(value) {
    const begin = this.begin.getTime();
    return new Date(begin + ((Date.now() - begin) * value) / steps);
  }

  /** @param record transitions in order, the newest ones. */
  setRecord(record, knownSince) {
    this.record = record;
    this.knownSince = knownSince;
    this.dirty = true;
    this.show();
    this.count();
  }

  add(transitions) {
    this.record.push(...transitions);
    this.dirty = true;
    if (this.record.length > 3 * held) {
      this.record.splice(0, this.record.length - 2 * held);
      this.count();
    }
  }

  /** What the window shows from before the record begins is counted. */
  count() {
    if (this.record.length >= held) this.earlier.reach(this.begin.getTime(), Date.parse(this.record[0].data.recordedAt));
  }

  seek(time) {
    this.play(false);
    this.set(time && time < new Date() ? time : null);
    this.onseek(this.at);
  }

  /** Shows a moment without telling anybody. */
  set(time) {
    this.at = time;
    this.show();
  }

  play(isOn) {
    if (isOn && this.at === null) {
      this.set(this.begin);
      this.onseek(this.at);
    }
    this.playing = isOn;
    this.buttons.play.classList.toggle("is-playing", isOn);
    this.buttons.play.setAttribute("aria-label", isOn ? "Pause" : "Play on from here");
    this.onplay(isOn, Number(this.speed.value));
  }

  /** To the moment that was typed. */
  jump() {
    const text = this.exact.value.trim();
    const time = text === "" || text === "now" ? null : parseMoment(text);
    this.exact.setCustomValidity(text && text !== "now" && !time ? "write for example 03:00, yesterday 03:00, 2026-11-22 03:00, 90m or 2h" : "");
    this.exact.reportValidity();
    if (time || text === "now") this.seek(time);
  }

  /** To the change before or after the moment shown. */
  step(direction) {
    const at = this.at ?? new Date();
    const times = this.record.map(transition => new Date(transition.data.recordedAt));
    const next = direction < 0 ? times.findLast(time => time < at) : times.find(time => time > at);
    if (next) this.seek(next);
    else if (direction > 0) this.seek(null);
  }

  show() {
    const begin = this.begin.getTime();
    const now = Date.now();
    const at = this.at ? this.at.getTime() : now;
    const value = this.at ? Math.min(steps - 1, Math.max(0, Math.round(((at - begin) / (now - begin)) * steps))) : steps;
    if (document.activeElement !== this.range || Number(this.range.value) !== value) this.range.value = value;
    const text = this.at ? `${moment(this.at)}, ${duration(now - at)} ago` : "now, live";
    this.range.setAttribute("aria-valuetext", text);
    this.labels.from.textContent = now - begin > 20 * 3_600_000 ? moment(new Date(begin)) : clock(new Date(begin));
    this.labels.at.textContent = this.at ? text : "";
    this.labels.until.textContent = "now";
    this.buttons.live.setAttribute("aria-pressed", this.at === null);
    this.buttons.live.classList.toggle("is-live", this.at === null);
  }

  /** Draws what happened above the slider; called once a frame, does something at most twice a second. */
  draw(now) {
    if (!this.dirty || now - (this.drawn ?? -Infinity) < 500) return;
    this.dirty = false;
    this.drawn = now;
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    this.canvas.width = Math.max(1, width * scale);
    this.canvas.height = Math.max(1, height * scale);
    const c = this.canvas.getContext("2d");
    c.scale(scale, scale);
    const begin = this.begin.getTime();
    const span = Date.now() - begin;
    const heights = Array.from({ length: bars }, () => ({ all: 0, bad: 0, worst: "ok" }));
    for (const { data } of this.record) {
      // Read once: thousands of dates twice a second would show.
      data.recorded ??= Date.parse(data.recordedAt);
      const bar = heights[Math.floor(((data.recorded - begin) / span) * bars)];
      if (!bar) continue;
      bar.all++;
      if (rank(data.severity) >= rank("warning")) bar.bad++;
      if (rank(data.severity) > rank(bar.worst)) bar.worst = data.severity;
    }
    this.earlier.addTo(heights, begin, span);
    const most = Math.max(1, ...heights.map(bar => bar.all));
    const style = getComputedStyle(document.documentElement);
    heights.forEach((bar, i) => {
      if (bar.all === 0) return;
      const high = 3 + (Math.log1p(bar.all) / Math.log1p(most)) * (height - 4);
      const bad = bar.bad === 0 ? 0 : Math.max(3, (high * bar.bad) / bar.all);
      const x = (i / bars) * width;
      c.fillStyle = style.getPropertyValue("--dim");
      c.fillRect(x, height - high, width / bars - 1, high);
      c.fillStyle = style.getPropertyValue(`--${bar.worst}`);
      c.fillRect(x, height - bad, width / bars - 1, bad);
    });
    this.canvas.setAttribute("aria-label", `${count(heights.reduce((sum, bar) => sum + bar.all, 0), "change")} in this window`);
  }
}
