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
  const label = Math.min(190, Math.max(96, width * 0.22));
  const blocks = new Map();
  for (const brick of bricks) {
    const key = `${brick.node.name}\n${brick.volume.name}`;
    (blocks.get(key) ?? blocks.set(key, []).get(key)).push(brick);
  }
  for (const block of blocks.values()) block.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
  let plan = null;
  for (const size of sizes) {
    plan = place(nodes, volumes, blocks, size, label);
    if (plan.width <= width && plan.height <= height) break;
  }
  if (plan && plan.width < width && plan.columns.length > 0) widen(plan, width);
  return { ...plan, label, head };
}

function place(nodes, volumes, blocks, size, label) {
  const step = (size.width ?? size.cell) + size.gap;
  const down = size.cell + size.gap;
  const across = volumes.map(volume => {
    const most = Math.max(1, ...nodes.map(node => blocks.get(`${node.name}\n${volume.name}`)?.length ?? 0));
    return size.isWide ? 1 : Math.min(most, Math.max(4, Math.ceil(Math.sqrt(most * 2))));
  });
  let x = label;
  const columns = volumes.map((volume, i) => {
    const column = { volume, x, width: Math.max(across[i] * step + 2 * padding - size.gap, 84) };
    x += column.width;
    return column;
  });
  let y = head;
  const cells = [];
  const rows = nodes.map((node, line) => {
    const lines = Math.max(1, ...volumes.map((volume, i) => Math.ceil((blocks.get(`${node.name}\n${volume.name}`)?.length ?? 0) / across[i])));
    const row = { node, y, height: Math.max(lines * down - size.gap + 2 * padding, 24) };
    volumes.forEach((volume, i) => {
      (blocks.get(`${node.name}\n${volume.name}`) ?? []).forEach((brick, n) => {
        cells.push({
          entity: brick.entity, path: brick.path, column: i, row: line, x: columns[i].x + padding + (n % across[i]) * step,
          y: y + padding + Math.floor(n / across[i]) * down, width: size.width ?? size.cell, size: size.cell,
        });
      });
    });
    y += row.height;
    return row;
  });
  return { rows, columns, cells, width: x, height: y, isWide: size.isWide === true, cell: size.cell };
}

/** Shares what is left of the width among the columns. */
function widen(plan, width) {
  const extra = Math.min((width - plan.width) / plan.columns.length, 120);
  for (const cell of plan.cells) cell.x += extra * cell.column;
  plan.columns.forEach((column, i) => { column.x += extra * i; column.width += extra; });
  plan.width += extra * plan.columns.length;
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
