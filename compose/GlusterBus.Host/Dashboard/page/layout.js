// Where everything of the picture is: pure geometry, computed only when entities come or go or the window changes.

/** From the largest that fits to the least that can be hit with a finger's tip; a wide one has the brick's path beside its mark. */
const sizes = [
  { cell: 30, width: 190, gap: 6, isWide: true },
  { cell: 30, width: 120, gap: 6, isWide: true },
  { cell: 34, gap: 6 }, { cell: 26, gap: 4 }, { cell: 20, gap: 4 }, { cell: 16, gap: 3 }, { cell: 12, gap: 2 }, { cell: 10, gap: 2 },
];

const head = 46;
const padding = 8;

/** @returns rows (nodes), columns (volumes) and cells (bricks), in pixels from the top left of the whole picture. */
export function arrange({ nodes, volumes, bricks }, width, height) {
  const label = Math.min(170, Math.max(92, width * 0.2));
  const blocks = new Map();
  for (const brick of bricks) {
    const key = `${brick.node.name}\n${brick.volume.name}`;
    (blocks.get(key) ?? blocks.set(key, []).get(key)).push(brick);
  }
  for (const block of blocks.values()) block.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
  const most = Math.max(1, ...[...blocks.values()].map(block => block.length));
  let plan = null;
  search: for (const size of sizes) {
    for (let lines = 1; lines <= (size.isWide ? 1 : Math.min(4, most)); lines++) {
      plan = place(nodes, volumes, blocks, size, size.isWide ? most : lines, label);
      if (plan.width <= width && plan.height <= height) break search;
    }
  }
  if (plan.width > width || plan.height > height) plan = scrolled(nodes, volumes, blocks, most, label, width);
  spread(plan, width, height);
  return { ...plan, label, head };
}

/** Nothing fits: the least marks, in as few lines as the width allows, and the rest by scrolling. */
function scrolled(nodes, volumes, blocks, most, label, width) {
  let plan = null;
  for (let lines = 1; lines <= Math.min(4, most); lines++) {
    plan = place(nodes, volumes, blocks, sizes.at(-1), lines, label);
    if (plan.width <= width) break;
  }
  return plan;
}

function place(nodes, volumes, blocks, size, lines, label) {
  const step = (size.width ?? size.cell) + size.gap;
  const down = size.cell + size.gap;
  const block = (node, volume) => blocks.get(`${node.name}\n${volume.name}`) ?? [];
  const across = volumes.map(volume => Math.ceil(Math.max(1, ...nodes.map(node => block(node, volume).length)) / lines));
  let x = label;
  const columns = volumes.map((volume, i) => {
    const column = { volume, x, width: Math.max(across[i] * step + 2 * padding - size.gap, 64) };
    x += column.width;
    return column;
  });
  let y = head;
  const cells = [];
  const rows = nodes.map((node, line) => {
    const high = Math.max(1, ...volumes.map((volume, i) => Math.ceil(block(node, volume).length / across[i])));
    const row = { node, y, height: Math.max(high * down - size.gap + 2 * padding, 24) };
    volumes.forEach((volume, i) => {
      block(node, volume).forEach((brick, n) => {
        cells.push({
          entity: brick.entity, path: brick.path, column: i, row: line, x: columns[i].x + padding + (n % across[i]) * step,
          y: y + padding + Math.floor(n / across[i]) * down, width: size.width ?? size.cell, size: size.cell,
        });
      });
    });
    y += row.height;
    return row;
  });
  return { rows, columns, cells, width: x, height: y, isWide: size.isWide === true };
}

/** Shares what is left of the window among columns and rows. */
function spread(plan, width, height) {
  const right = plan.columns.length ? Math.max(0, Math.min((width - plan.width) / plan.columns.length, 120)) : 0;
  const down = plan.rows.length ? Math.max(0, Math.min((height - plan.height) / plan.rows.length, 26)) : 0;
  for (const cell of plan.cells) {
    cell.x += right * cell.column;
    cell.y += down * (cell.row + 0.5);
  }
  plan.columns.forEach((column, i) => { column.x += right * i; column.width += right; });
  plan.rows.forEach((row, i) => { row.y += down * i; row.height += down; });
  plan.width += right * plan.columns.length;
  plan.height += down * plan.rows.length;
}

/** The entity at a point of the picture, in its own coordinates; `left` and `top` are how far it is scrolled, as names stay in view. */
export function hit(plan, x, y, left, top) {
  if (y - top < plan.head && x - left > plan.label) return plan.columns.find(c => x >= c.x && x < c.x + c.width)?.volume.entity ?? null;
  if (x - left < plan.label && y - top > plan.head) return plan.rows.find(r => y >= r.y && y < r.y + r.height)?.node ?? null;
  if (x - left < plan.label || y - top < plan.head) return null;
  return plan.cells.find(c => x >= c.x - 1 && x < c.x + c.width + 1 && y >= c.y - 1 && y < c.y + c.size + 1)?.entity ?? null;
}

/** The neighbour that an arrow key leads to, among the bricks, names of nodes and names of volumes. */
export function neighbour(plan, entity, key, nodeEntity) {
  const spots = [
    ...plan.columns.map(c => ({ entity: c.volume.entity, x: c.x + c.width / 2, y: plan.head / 2 })),
    ...plan.rows.map(r => ({ entity: nodeEntity(r.node), x: plan.label / 2, y: r.y + r.height / 2 })),
    ...plan.cells.map(c => ({ entity: c.entity, x: c.x + c.width / 2, y: c.y + c.size / 2 })),
  ];
  const from = spots.find(s => s.entity === entity);
  if (!from) return (plan.cells[0] ?? spots[0])?.entity ?? null;
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = null;
  let least = Infinity;
  for (const spot of spots) {
    const ahead = (spot.x - from.x) * dx + (spot.y - from.y) * dy;
    if (ahead <= 1) continue;
    const aside = Math.abs((spot.x - from.x) * dy) + Math.abs((spot.y - from.y) * dx);
    const distance = ahead + 3 * aside;
    if (distance < least) [best, least] = [spot, distance];
  }
  return best?.entity ?? entity;
}
