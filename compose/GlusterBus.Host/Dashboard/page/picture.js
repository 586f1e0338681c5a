// The cluster as a picture: a row for each node, a column for each volume, a mark for each brick where both meet. One canvas of the window's size,
// whatever the cluster's: only what is in view is drawn, and names stay in view.
import { Brush } from "./brush.js";
import { drawCauses } from "./causes.js";
import { arrange } from "./layout.js";
import { drawNames } from "./names.js";
import { isTrouble } from "./words.js";

export class Picture {
  /** @param frame the scrolled element. */
  constructor(frame) {
    this.frame = frame;
    this.canvas = frame.querySelector("canvas");
    this.spacer = frame.querySelector(".spacer");
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.brush = new Brush(this.context);
    Object.assign(this, { cluster: null, plan: null, planned: -1, cursor: null, selected: null, causes: new Map(), isWanted: () => true, dirty: true });
    new ResizeObserver(() => this.resize()).observe(frame);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
    frame.addEventListener("scroll", () => { this.dirty = true; }, { passive: true });
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
    c.fillStyle = this.brush.colours.surface;
    c.fillRect(0, 0, this.width, this.height);
    c.save();
    c.translate(-left, -top);
    this.drawRows(left, top);
    this.drawCells(left, top);
    this.causes = drawCauses(this);
    c.restore();
    drawNames(this, left, top);
    if (plan.rows.length === 0 && this.cluster.isKnown) this.brush.text("No node or volume is known yet.", 16, plan.head + 28, this.brush.colours.dim);
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

  entityOfNode(node) {
    return this.cluster.nodeRow(node)?.entity ?? node.entity;
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
    this.brush.recolour();
    this.dirty = true;
  }

  drawRows(left, top) {
    const { context: c, plan } = this;
    const width = Math.max(plan.width, this.width + left);
    plan.rows.forEach((row, i) => {
      if (i % 2 === 0 || row.y + row.height < top || row.y > top + this.height) return;
      c.fillStyle = this.brush.colours.stripe;
      c.fillRect(0, row.y, width, row.height);
    });
    c.strokeStyle = this.brush.colours.line;
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
      this.brush.mark(row?.severity ?? "unknown", cell.x, cell.y + (cell.size - size) / 2, size);
      if (plan.isWide) this.brush.text(cell.path, cell.x + 27, cell.y + cell.size / 2, isTrouble(row?.severity) ? this.brush.colours.text : this.brush.colours.dim, cell.width - 27);
      this.context.globalAlpha = 1;
      if (cell.entity === this.cursor || cell.entity === this.selected) this.brush.ring(cell.x - 3, cell.y - 2, cell.width + 6, cell.size + 4, this.brush.colours.focus);
    }
  }
}
