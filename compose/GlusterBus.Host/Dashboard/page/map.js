// The cluster as a picture: a row for each node, a column for each volume, a mark for each brick where both meet. One canvas of the window's size,
// whatever the cluster's: only what is in view is drawn, and names stay in view.
import { arrange, hit, neighbour } from "./layout.js";
import { isTrouble, kindOf, nameOf, rank, severities, shapes } from "./words.js";

const paths = Object.fromEntries(severities.map(severity => [severity, new Path2D(shapes[severity].path)]));

export class ClusterMap {
  /** @param frame the scrolled element; @param onselect told the entity that was clicked; @param onpoint the one that is pointed at, or null. */
  constructor(frame, { onselect, onpoint }) {
    this.frame = frame;
    this.canvas = frame.querySelector("canvas");
    this.spacer = frame.querySelector(".spacer");
    this.context = this.canvas.getContext("2d", { alpha: false });
    Object.assign(this, { onselect, onpoint, cluster: null, plan: null, planned: -1, cursor: null, selected: null, isWanted: () => true, dirty: true });
    new ResizeObserver(() => this.resize()).observe(frame);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
    frame.addEventListener("scroll", () => { this.dirty = true; }, { passive: true });
    this.canvas.addEventListener("pointermove", event => this.point(this.at(event)));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("click", event => this.choose(this.at(event)));
    frame.addEventListener("keydown", event => this.key(event));
    frame.addEventListener("focus", () => frame.matches(":focus-visible") && this.point(this.cursor ?? this.first()));
    this.recolour();
    this.resize();
  }

  show(cluster) {
    this.cluster = cluster;
    this.planned = -1;
    this.dirty = true;
  }

  /** Draws if anything changed; called once a frame. */
  draw() {
    if (this.cluster && this.planned !== this.cluster.shapeVersion) this.replan();
    if (!this.dirty || !this.plan) return;
    this.dirty = false;
    const { context: c, plan, frame } = this;
    const [left, top] = [frame.scrollLeft, frame.scrollTop];
    c.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    c.fillStyle = this.colours.surface;
    c.fillRect(0, 0, this.width, this.height);
    c.save();
    c.translate(-left, -top);
    this.drawRows(left, top);
    this.drawCells(left, top);
    this.drawLinks();
    c.restore();
    this.drawNames(left, top);
    if (plan.rows.length === 0) this.drawText("No node or volume is known yet.", 16, plan.head + 28, this.colours.dim);
  }

  /** Where an entity is in the window, in pixels from the canvas's corner; null when it is not in the picture. */
  locate(entity) {
    const cell = this.plan?.cells.find(c => c.entity === entity);
    if (cell) return { x: cell.x + (this.plan.isWide ? cell.size : cell.width) / 2 - this.frame.scrollLeft, y: cell.y + cell.size / 2 - this.frame.scrollTop };
    const column = this.plan?.columns.find(c => c.volume.entity === entity);
    if (column) return { x: column.x + column.width / 2 - this.frame.scrollLeft, y: this.plan.head / 2 };
    const row = this.plan?.rows.find(r => this.entityOfNode(r.node) === entity || r.node.entity === entity);
    return row ? { x: this.plan.label / 2, y: row.y + row.height / 2 - this.frame.scrollTop } : null;
  }

  reveal(entity) {
    const spot = this.locate(entity);
    if (!spot) return;
    const { frame, plan } = this;
    if (spot.y < plan.head + 12 || spot.y > this.height - 12) frame.scrollTop += spot.y - this.height / 2;
    if (spot.x > plan.label && spot.x > this.width - 12) frame.scrollLeft += spot.x - this.width / 2;
  }

  replan() {
    this.planned = this.cluster.shapeVersion;
    this.plan = arrange(this.cluster.plan(), this.width, this.height);
    this.spacer.style.width = `${this.plan.width}px`;
    this.spacer.style.height = `${this.plan.height}px`;
    this.dirty = true;
  }

  resize() {
    this.scale = window.devicePixelRatio || 1;
    this.width = this.frame.clientWidth;
    this.height = this.frame.clientHeight;
    this.canvas.width = Math.max(1, Math.round(this.width * this.scale));
    this.canvas.height = Math.max(1, Math.round(this.height * this.scale));
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.planned = -1;
    this.dirty = true;
  }

  recolour() {
    const style = getComputedStyle(document.documentElement);
    const names = ["surface", "stripe", "line", "text", "dim", "cause", "focus", "on-mark", ...severities];
    this.colours = Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
    this.font = style.getPropertyValue("--font").trim();
    this.dirty = true;
  }

  entityOfNode(node) {
    return this.cluster.nodeRow(node)?.entity ?? node.entity;
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

  drawRows(left, top) {
    const { context: c, plan } = this;
    const width = Math.max(plan.width, this.width + left);
    plan.rows.forEach((row, i) => {
      if (i % 2 === 0 || row.y + row.height < top || row.y > top + this.height) return;
      c.fillStyle = this.colours.stripe;
      c.fillRect(0, row.y, width, row.height);
    });
    c.strokeStyle = this.colours.line;
    c.lineWidth = 1;
    c.beginPath();
    for (const column of plan.columns) {
      c.moveTo(Math.round(column.x) + 0.5, plan.head);
      c.lineTo(Math.round(column.x) + 0.5, Math.max(plan.height, top + this.height));
    }
    c.stroke();
  }

  drawCells(left, top) {
    const { plan, cluster } = this;
    for (const cell of plan.cells) {
      if (cell.y + cell.size < top || cell.y > top + this.height || cell.x + cell.width < left || cell.x > left + this.width) continue;
      const row = cluster.rows.get(cell.entity);
      this.context.globalAlpha = this.isWanted(cell.entity, row) ? 1 : 0.15;
      const size = plan.isWide ? 20 : cell.size;
      this.drawMark(row?.severity ?? "unknown", cell.x, cell.y + (cell.size - size) / 2, size);
      if (plan.isWide) this.drawText(cell.path, cell.x + 27, cell.y + cell.size / 2, isTrouble(row?.severity) ? this.colours.text : this.colours.dim, cell.width - 27);
      this.context.globalAlpha = 1;
      if (cell.entity === this.cursor || cell.entity === this.selected) this.ring(cell.x - 3, cell.y - 2, cell.width + 6, cell.size + 4, this.colours.focus);
    }
  }

  /** Frames around what a cause explains and a rail that leads there, while that lasts. */
  drawLinks() {
    const { context: c, plan, cluster, frame } = this;
    this.causes = new Map();
    for (const cell of plan.cells) {
      const row = cluster.rows.get(cell.entity);
      if (!row || !isTrouble(row.severity)) continue;
      const cause = cluster.causeOf(cell.entity);
      if (cause) (this.causes.get(cause) ?? this.causes.set(cause, []).get(cause)).push(cell);
    }
    c.strokeStyle = this.colours.cause;
    for (const [cause, cells] of this.causes) {
      const spot = this.locate(cause);
      if (!spot) continue;
      const [x, y] = [spot.x + frame.scrollLeft, spot.y + frame.scrollTop];
      c.lineWidth = cause === this.selected || cause === this.cursor ? 3 : 1.5;
      c.beginPath();
      for (const cell of cells) {
        c.roundRect(cell.x - 2.5, cell.y - 2.5, cell.width + 5, cell.size + 5, 4);
        const middle = cell.x + cell.size / 2;
        const below = cell.y + cell.size + 2.5;
        const row = plan.rows[cell.row];
        if (y >= row.y && y < row.y + row.height) {
          const rail = row.y + row.height - 3;
          c.moveTo(plan.label + frame.scrollLeft, rail);
          c.lineTo(middle, rail);
          c.lineTo(middle, below);
        } else if (cells.length <= 60) {
          c.moveTo(x, y);
          c.bezierCurveTo(x, (y + cell.y) / 2, middle, (y + below) / 2, middle, y < cell.y ? cell.y - 2.5 : below);
        }
      }
      c.stroke();
    }
  }

  /** Names of nodes on the left and of volumes above, over everything else. */
  drawNames(left, top) {
    const { context: c, plan, cluster } = this;
    plan.rows.forEach((row, index) => {
      const y = row.y - top;
      if (y + row.height < plan.head || y > this.height) return;
      c.fillStyle = index % 2 ? this.colours.surface : this.colours.stripe;
      c.fillRect(0, Math.max(y, plan.head), plan.label, row.height);
      const state = cluster.nodeRow(row.node);
      this.drawName(state, state?.entity ?? row.node.entity, row.node.name, row.node.others, 8, y + row.height / 2, plan.label - 14);
    });
    c.fillStyle = this.colours.surface;
    c.fillRect(0, 0, this.width, plan.head);
    c.save();
    c.beginPath();
    c.rect(plan.label, 0, this.width - plan.label, plan.head);
    c.clip();
    for (const column of plan.columns) {
      const row = cluster.rows.get(column.volume.entity);
      this.drawName(row, column.volume.entity, column.volume.name, column.volume.others, column.x - left + 8, plan.head / 2, column.width - 14);
    }
    c.restore();
    c.strokeStyle = this.colours.line;
    c.lineWidth = 1;
    c.strokeRect(-0.5, -0.5, this.width + 1, plan.head);
    c.strokeRect(-0.5, -0.5, plan.label, this.height + 1);
    this.drawText("nodes", 10, plan.head / 2, this.colours.dim, plan.label - 16);
  }

  drawName(row, entity, name, others, x, y, width) {
    if (entity === this.cursor || entity === this.selected) this.ring(x - 4, y - 14, width + 6, 28, this.colours.focus);
    if (this.causes?.has(entity)) {
      this.ring(x - 2, y - 12, width + 2, 24, this.colours.cause);
      if (width > 130) {
        this.drawText("cause", x + width - 46, y, this.colours.cause, 60, "700");
        width -= 50;
      }
    }
    this.context.globalAlpha = this.isWanted(entity, row) ? 1 : 0.35;
    const worst = this.cluster.worst(others);
    const isIll = worst && rank(worst.severity) >= rank("warning");
    let textX = x + 2;
    if (width < 96 && y === this.plan.head / 2) {
      // No room beside each other.
      if (row) this.drawMark(row.severity, textX, y + 2, 14);
      if (isIll) this.drawMark(worst.severity, textX + 20, y + 3, 12);
      this.drawText(name, textX, y - 9, this.colours.text, width - 2, "600");
      this.context.globalAlpha = 1;
      return;
    }
    if (row) {
      this.drawMark(row.severity, x + 2, y - 8, 16);
      textX += 22;
    }
    this.drawText(name, textX, y, this.colours.text, x + width - textX - (isIll ? 20 : 0), "600");
    if (isIll) this.drawMark(worst.severity, x + width - 16, y - 6, 12);
    this.context.globalAlpha = 1;
  }

  drawMark(severity, x, y, size) {
    const { context: c } = this;
    c.save();
    c.translate(x, y);
    c.scale(size, size);
    if (severity === "unknown" || severity === "info") {
      c.lineWidth = 0.14;
      c.strokeStyle = this.colours[severity];
      c.stroke(paths[severity]);
    } else {
      c.fillStyle = this.colours[severity];
      c.fill(paths[severity]);
    }
    c.restore();
    const letter = shapes[severity]?.letter;
    if (!letter || size < 12) return;
    c.font = `700 ${Math.round(size * 0.62)}px ${this.font}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillStyle = severity === "unknown" || severity === "info" ? this.colours[severity] : this.colours["on-mark"];
    c.fillText(letter, x + size / 2, y + size * (severity === "warning" ? 0.64 : 0.54));
  }

  drawText(text, x, y, colour, width = Infinity, weight = "400") {
    const { context: c } = this;
    if (width < 12) return;
    c.font = `${weight} 13px ${this.font}`;
    const isPath = text.startsWith("/");
    c.textAlign = "left";
    c.textBaseline = "middle";
    c.fillStyle = colour;
    let shown = text;
    for (let n = text.length; n > 1 && c.measureText(shown).width > width; n = Math.min(n - 1, Math.floor((n * width) / c.measureText(shown).width))) shown = isPath ? `…${text.slice(text.length - n + 1)}` : `${text.slice(0, n - 1)}…`;
    c.fillText(shown, x, y);
  }

  ring(x, y, width, height, colour) {
    const { context: c } = this;
    c.strokeStyle = colour;
    c.lineWidth = 2;
    c.beginPath();
    c.roundRect(x, y, width, height, 5);
    c.stroke();
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
