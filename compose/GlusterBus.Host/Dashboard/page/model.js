// What is known of the cluster at one moment, and what follows from it. Nothing here touches the page.
import { entityOfId, isTrouble, kindOf, nameOf, rank } from "./words.js";

/** Kinds that are neither drawn as a brick nor as a row or column. */
const own = new Set(["node", "peer", "brick", "volume"]);

export class Cluster {
  /** @param kinds of /v1/instance: the states of each kind with their severities, and which one means that it is gone. */
  constructor(kinds) {
    this.kinds = kinds;
    this.rows = new Map();
    this.last = new Map();
    this.shapeVersion = 0;

    // Whether a state table was read: before that an empty one says nothing.
    this.isKnown = false;
    this.version = 0;
  }

  severityOf(entity, state) {
    // Something happened to it that is over: there is no state to worry about.
    return state === null ? "info" : (this.kinds[kindOf(entity)]?.states[state] ?? "unknown");
  }

  /** Takes a whole state table in place of what was known. */
  replace(rows) {
    const before = this.rows;
    this.isKnown = true;
    this.rows = new Map(rows.map(row => [row.entity, row.state === null ? { ...row, severity: "info" } : row]));
    const isSame = before.size === this.rows.size && rows.every(row => before.has(row.entity));
    this.shapeVersion += isSame ? 0 : 1;
    this.version++;
  }

  /** Remembers what was told last of each entity, the oldest first. */
  recall(transitions) {
    this.last.clear();
    for (const transition of transitions) this.last.set(transition.subject, transition);
    this.version++;
  }

  /** Applies a transition; false when it is no news: an older one, or one seen already. */
  apply(transition) {
    const entity = transition.subject;
    const row = this.rows.get(entity);
    const sequence = Number(transition.sequence);
    if (row && sequence <= row.sequence) {
      if ((Number(this.last.get(entity)?.sequence) || 0) < sequence) this.last.set(entity, transition);
      return false;
    }
    this.last.set(entity, transition);
    this.version++;
    const { current, attributes } = transition.data;
    if (current === this.kinds[kindOf(entity)]?.gone) {
      this.shapeVersion += this.rows.delete(entity) ? 1 : 0;
      return true;
    }
    if (!row) this.shapeVersion++;
    const state = current ?? row?.state ?? null;
    this.rows.set(entity, {
      entity, state, severity: this.severityOf(entity, state), sequence, attributes: attributes ?? {},
      since: row && row.state === state ? row.since : transition.time,
    });
    return true;
  }

  /** The entity that explains the present state of this one; null when none does. */
  causeOf(entity) {
    const cause = this.last.get(entity)?.data.cause;
    return cause ? entityOfId(cause) : null;
  }

  /** What an operator has to look at, the gravest first, each with what it explains below it. */
  troubles(isWanted, least) {
    const bad = [...this.rows.values()].filter(row => isTrouble(row.severity) && rank(row.severity) >= least);
    const shown = new Map(bad.map(row => [row.entity, { row, effects: [] }]));
    const roots = [];
    for (const trouble of shown.values()) {
      const cause = this.causeOf(trouble.row.entity);
      const parent = cause && cause !== trouble.row.entity ? shown.get(cause) : null;
      if (parent && this.causeOf(cause) !== trouble.row.entity) parent.effects.push(trouble.row);
      else roots.push(trouble);
    }
    const byWeight = (a, b) => rank(b.row.severity) - rank(a.row.severity) || b.effects.length - a.effects.length || (a.row.since < b.row.since ? 1 : a.row.since > b.row.since ? -1 : 0) || (a.row.entity < b.row.entity ? -1 : 1);
    return roots.filter(t => isWanted(t.row.entity) || t.effects.some(row => isWanted(row.entity))).sort(byWeight);
  }

  /** How many entities have each severity. */
  counts() {
    const counts = {};
    for (const row of this.rows.values()) counts[row.severity] = (counts[row.severity] ?? 0) + 1;
    return counts;
  }

  /** Nodes, volumes and the bricks where both meet. */
  plan() {
    const nodes = new Map();
    const volumes = new Map();
    const node = name => nodes.get(name) ?? nodes.set(name, { name, entity: `node/${name}`, peers: [], others: [] }).get(name);
    const volume = name => volumes.get(name) ?? volumes.set(name, { name, entity: `volume/${name}`, others: [] }).get(name);
    const bricks = [];
    for (const row of this.rows.values()) {
      const name = nameOf(row.entity);
      switch (kindOf(row.entity)) {
        case "node": node(name); break;
        case "volume": volume(name); break;
        case "peer": node(name.slice(name.indexOf("/") + 1)).peers.push(row.entity); break;
        case "brick": {
          const place = brickPlace(row);
          if (place) bricks.push({ entity: row.entity, node: node(place.host), volume: volume(place.volume), path: place.path });
          break;
        }
        default: break;
      }
    }
    for (const row of this.rows.values()) {
      if (own.has(kindOf(row.entity))) continue;
      const first = nameOf(row.entity).split(/[/:]/, 1)[0];
      (nodes.get(first) ?? volumes.get(first))?.others.push(row.entity);
    }
    const byName = (a, b) => a.name.localeCompare(b.name, "en", { numeric: true });
    return { nodes: [...nodes.values()].sort(byName), volumes: [...volumes.values()].sort(byName), bricks };
  }

  /** The row that tells how a node is: its own, or where it has none the gravest opinion of its peers. */
  nodeRow(node) {
    return this.rows.get(node.entity) ?? this.worst(node.peers);
  }

  worst(entities) {
    let worst = null;
    for (const entity of entities) {
      const row = this.rows.get(entity);
      if (row && (!worst || rank(row.severity) > rank(worst.severity))) worst = row;
    }
    return worst;
  }
}

/** Where a brick is: brick/VOLUME/HOST:PATH. */
export function brickPlace(row) {
  const match = /^([^/]+)\/(.+?):(\/.*)$/s.exec(nameOf(row.entity));
  return match && match[1] !== "?" ? { volume: match[1], host: match[2], path: match[3] } : null;
}
