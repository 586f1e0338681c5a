// Why what is ill is ill, in the picture.
import { isTrouble } from "./words.js";

/** Frames around what a cause explains and a rail that leads there, while that lasts.
 * @returns the cells in trouble by their cause. */
export function drawCauses(picture) {
  const { context: c, plan, cluster, frame } = picture;
  const causes = new Map();
  for (const cell of plan.cells) {
    const row = cluster.rows.get(cell.entity);
    if (!row || !isTrouble(row.severity)) continue;
    const cause = cluster.causeOf(cell.entity);
    if (cause) (causes.get(cause) ?? causes.set(cause, []).get(cause)).push(cell);
  }
  c.strokeStyle = picture.brush.colours.cause;
  for (const [cause, cells] of causes) {
    const spot = picture.locate(cause);
    if (!spot) continue;
    const [x, y] = [spot.x + frame.scrollLeft, spot.y + frame.scrollTop];
    c.lineWidth = cause === picture.selected || cause === picture.cursor ? 3 : 1.5;
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
  return causes;
}
