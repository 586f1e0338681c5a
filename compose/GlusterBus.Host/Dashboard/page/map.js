// The picture of the cluster to be touched: by pointer, by finger and by keys.
import { hit, neighbour } from "./layout.js";
import { Picture } from "./picture.js";
import { isTrouble, kindOf, nameOf, shapes } from "./words.js";

export class ClusterMap extends Picture {
  /** @param frame the scrolled element; @param onselect told the entity that was clicked; @param onpoint the one that is pointed at, or null. */
  constructor(frame, { onselect, onpoint }) {
    super(frame);
    Object.assign(this, { onselect, onpoint });
    this.canvas.addEventListener("pointermove", event => this.point(this.at(event)));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("click", event => this.choose(this.at(event)));
    frame.addEventListener("keydown", event => this.key(event));
    frame.addEventListener("focus", () => frame.matches(":focus-visible") && this.point(this.cursor ?? this.first()));
  }

  at(event) {
    if (!this.plan) return null;
    const box = this.canvas.getBoundingClientRect();
    const found = hit(this.plan, event.clientX - box.left + this.frame.scrollLeft, event.clientY - box.top + this.frame.scrollTop, this.frame.scrollLeft, this.frame.scrollTop);
    return found && typeof found === "object" ? this.entityOfNode(found) : found;
  }

  first() {
    return this.plan?.cells[0]?.entity ?? this.plan?.columns[0]?.volume.entity ?? null;
  }

  point(entity) {
    if (entity === this.cursor) return;
    this.cursor = entity;
    this.canvas.style.cursor = entity ? "pointer" : "default";
    this.dirty = true;
    this.onpoint(entity);
  }

  choose(entity) {
    if (entity) this.onselect(entity);
  }

  key(event) {
    if (!this.plan) return;
    if (event.key.startsWith("Arrow")) {
      this.point(neighbour(this.plan, this.cursor, event.key, node => this.entityOfNode(node)));
      this.reveal(this.cursor);
    } else if (event.key === "Enter" || event.key === " ") {
      this.choose(this.cursor);
    } else {
      return;
    }
    event.preventDefault();
  }
}

/** What the picture says of an entity, for the line below it and for who can't see it. */
export function describe(cluster, entity) {
  const row = cluster.rows.get(entity);
  const cause = cluster.causeOf(entity);
  if (!row) return `${entity}: nothing is known of it`;
  const own = ["node", "volume"].includes(kindOf(entity)) ? [...cluster.rows.keys()].filter(other => !["brick", "peer", "node", "volume"].includes(kindOf(other)) && nameOf(other).split(/[/:]/, 1)[0] === nameOf(entity)) : [];
  const worst = cluster.worst(own);
  return `${entity}: ${row.state ?? "no state"} (${shapes[row.severity].word})${cause ? `, because of ${cause}` : ""}${worst && isTrouble(worst.severity) ? `; ${worst.entity}: ${worst.state} (${shapes[worst.severity].word})` : ""}`;
}
