// One entity: how it is, what belongs to it, and its history as a timeline.
import { ask } from "./connection.js";
import { brief, change, duration, entityOfId, h, kindOf, mark, moment, nameOf, rank, svg } from "./words.js";

const most = 200;

export class Details {
  /** @param panel the aside; @param onselect told the entity that a link leads to; @param ontime told the moment that somebody wants to see. */
  constructor(panel, { onselect, ontime, onclose }) {
    Object.assign(this, { panel, onselect, ontime, onclose, entity: null, history: [], asked: 0 });
    this.body = panel.querySelector(".body");
    this.title = panel.querySelector("h2");
    panel.querySelector(".close").addEventListener("click", () => onclose());
    panel.addEventListener("keydown", event => event.key === "Escape" && onclose());
  }

  async open(entity, cluster, now) {
    this.entity = entity;
    this.history = [];
    this.panel.hidden = false;
    this.title.textContent = entity;
    this.render(cluster, now, true);
    const asked = ++this.asked;
    try {
      const history = await ask("v1/transitions", { entity, newest: true, limit: most });
      if (asked !== this.asked || this.entity !== entity) return;

      // A star in a name is a pattern to the API.
      this.history = history.filter(transition => transition.subject === entity);
      this.render(cluster, now, false);
    } catch (error) {
      this.body.append(h("p", { class: "problem" }, error.message));
    }
  }

  close() {
    this.entity = null;
    this.panel.hidden = true;
  }

  /** Adds what was told since it was opened. */
  add(transitions, cluster, now) {
    if (!this.entity) return;
    const own = transitions.filter(transition => transition.subject === this.entity && !this.history.some(h => h.id === transition.id));
    if (own.length === 0) return;
    this.history = [...this.history, ...own].slice(-most);
    this.render(cluster, now, false);
  }

  render(cluster, now, isWaiting) {
    const row = cluster.rows.get(this.entity);
    const cause = cluster.causeOf(this.entity);
    this.body.replaceChildren(...[
      h("p", { class: "present" }, mark(row?.severity ?? "unknown"), h("strong", {}, row ? (row.state ?? "no state") : "not there"),
        row ? ` for ${duration(now - new Date(row.since))}, since ${brief(new Date(row.since))}` : " at this moment"),
      cause ? h("p", { class: "cause" }, "Because of ", this.link(cause)) : null,
      this.related(cluster),
      this.strip(cluster, now),
      h("h3", {}, "History"),
      isWaiting ? h("p", { class: "quiet" }, "Reading…") : this.list(),
      this.attributes(row),
    ].filter(part => part !== null));
  }

  link(entity) {
    return h("button", { type: "button", class: "link", onclick: () => this.onselect(entity) }, entity);
  }

  /** What belongs to a node or a volume and is not as it should be comes first. */
  related(cluster) {
    const kind = kindOf(this.entity);
    const name = kind === "peer" ? nameOf(this.entity).split("/")[1] : nameOf(this.entity);
    if (!["node", "peer", "volume"].includes(kind)) return null;
    const own = [...cluster.rows.values()].filter(row => row.entity !== this.entity && (
      kind === "volume" ? nameOf(row.entity).split("/")[0] === name && !["node", "peer", "daemon"].includes(kindOf(row.entity))
        : kindOf(row.entity) === "brick" ? nameOf(row.entity).includes(`/${name}:/`) : nameOf(row.entity).split("/").includes(name)));
    if (own.length === 0) return null;
    own.sort((a, b) => rank(b.severity) - rank(a.severity) || (a.entity < b.entity ? -1 : 1));
    return h("details", { class: "related", open: own.length <= 12 }, h("summary", {}, `${own.length} on it`),
      h("ul", {}, ...own.slice(0, most).map(row => h("li", {}, mark(row.severity), this.link(row.entity), ` ${row.state ?? ""}`))));
  }

  /** The states as a band over time, each as wide as it lasted. */
  strip(cluster, now) {
    const steps = this.history.filter(t => t.data.current !== t.data.previous);
    if (steps.length === 0) return null;
    const first = new Date(steps[0].time).getTime();
    const begin = Math.min(first - (now - first) * 0.08 - 1000, now - 1000);
    const x = time => ((Math.min(time, now) - begin) / (now - begin)) * 1000;
    const band = svg("svg", { viewBox: "0 0 1000 28", preserveAspectRatio: "none", class: "strip", role: "img", "aria-label": `States since ${moment(new Date(begin))}` });
    const piece = (from, to, state) => {
      if (to <= from) return;
      const severity = state === undefined || state === null ? "none" : cluster.severityOf(this.entity, state);
      const rect = svg("rect", { x: Math.min(x(from), 994), y: 4, width: Math.max(6, x(to) - x(from)), height: 20, class: severity });
      const tip = svg("title", {});
      tip.textContent = `${state ?? "not there"}, ${brief(new Date(from))} to ${brief(new Date(to))}`;
      rect.append(tip);
      band.append(rect);
    };
    piece(begin, first, steps[0].data.previous);
    steps.forEach((step, i) => piece(new Date(step.time).getTime(), i + 1 < steps.length ? new Date(steps[i + 1].time).getTime() : Math.max(now, first + 1), step.data.current));
    return h("figure", {}, band, h("figcaption", {}, h("span", {}, brief(new Date(begin))), h("span", {}, brief(new Date(now)))));
  }

  list() {
    if (this.history.length === 0) return h("p", { class: "quiet" }, "Nothing was announced of it: it was well, or never seen otherwise.");
    return h("ol", { class: "history" }, ...[...this.history].reverse().map(transition => this.step(transition)));
  }

  step(transition) {
    const { data } = transition;
    const time = new Date(transition.time);
    return h("li", {},
      h("p", { class: "head" }, mark(data.severity), h("strong", {}, change(transition)),
        h("button", { type: "button", class: "link time", title: "Show the cluster as it was then", onclick: () => this.ontime(new Date(data.recordedAt)) }, brief(time))),
      data.cause ? h("p", { class: "cause" }, "Because of ", this.link(entityOfId(data.cause))) : null,
      data.actor ? h("p", {}, `By ${data.actor.command} on ${data.actor.node}`) : null,
      h("p", { class: "quiet" }, `${data.reasonText}${data.observers.length ? `; seen by ${data.observers.join(", ")}` : ""}${data.trusted ? "" : "; not from a trusted sender"}`),
      ...data.evidence.map(evidence => h("figure", { class: "evidence" }, h("pre", { tabindex: "0" }, evidence.text), h("figcaption", {}, [evidence.node, evidence.where].filter(Boolean).join(" ")))));
  }

  attributes(row) {
    const all = Object.entries(row?.attributes ?? {});
    if (all.length === 0) return null;
    return h("details", {}, h("summary", {}, `${all.length} attribute${all.length === 1 ? "" : "s"}`),
      h("dl", {}, ...all.sort().flatMap(([key, value]) => [h("dt", {}, key), h("dd", {}, value)])));
  }
}
