// The names around the picture, each with how it is.
import { rank } from "./words.js";

/** Names of nodes on the left and of volumes above, over everything else. */
export function drawNames(picture, left, top) {
  const { brush, context: c, plan, cluster } = picture;
  plan.rows.forEach((row, index) => {
    const y = row.y - top;
    if (y + row.height < plan.head || y > picture.height) return;
    c.fillStyle = index % 2 ? brush.colours.surface : brush.colours.stripe;
    c.fillRect(0, Math.max(y, plan.head), plan.label, row.height);
    const state = cluster.nodeRow(row.node);
    drawName(picture, state, state?.entity ?? row.node.entity, row.node.name, row.node.others, 8, y + row.height / 2, plan.label - 14);
  });
  c.fillStyle = brush.colours.surface;
  c.fillRect(0, 0, picture.width, plan.head);
  c.save();
  c.beginPath();
  c.rect(plan.label, 0, picture.width - plan.label, plan.head);
  c.clip();
  for (const column of plan.columns) {
    const row = cluster.rows.get(column.volume.entity);
    drawName(picture, row, column.volume.entity, column.volume.name, column.volume.others, column.x - left + 8, plan.head / 2, column.width - 14);
  }
  c.restore();
  c.strokeStyle = brush.colours.line;
  c.lineWidth = 1;
  c.strokeRect(-0.5, -0.5, picture.width + 1, plan.head);
  c.strokeRect(-0.5, -0.5, plan.label, picture.height + 1);
  brush.text("nodes", 10, plan.head / 2, brush.colours.dim, plan.label - 16);
}

function drawName(picture, row, entity, name, others, x, y, width) {
  const { brush } = picture;
  if (entity === picture.cursor || entity === picture.selected) brush.ring(x - 4, y - 14, width + 6, 28, brush.colours.focus);
  if (picture.causes?.has(entity)) {
    brush.ring(x - 2, y - 12, width + 2, 24, brush.colours.cause);
    if (width > 130) {
      brush.text("cause", x + width - 46, y, brush.colours.cause, 60, "700");
      width -= 50;
    }
  }
  picture.context.globalAlpha = picture.isWanted(entity, row) ? 1 : 0.35;
  const worst = picture.cluster.worst(others);
  const isIll = worst && rank(worst.severity) >= rank("warning");
  let textX = x + 2;
  if (width < 96 && y === picture.plan.head / 2) {
    // No room beside each other.
    if (row) brush.mark(row.severity, textX, y + 2, 14);
    if (isIll) brush.mark(worst.severity, textX + 20, y + 3, 12);
    brush.text(name, textX, y - 9, brush.colours.text, width - 2, "600");
    picture.context.globalAlpha = 1;
    return;
  }
  if (row) {
    brush.mark(row.severity, x + 2, y - 8, 16);
    textX += 22;
  }
  brush.text(name, textX, y, brush.colours.text, x + width - textX - (isIll ? 20 : 0), "600");
  if (isIll) brush.mark(worst.severity, x + width - 16, y - 6, 12);
  picture.context.globalAlpha = 1;
}
