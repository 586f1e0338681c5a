// What severities, times and names look like, for every part of the page.

/** From the least to the gravest; the order is the API's. */
export const severities = ["ok", "info", "unknown", "warning", "error", "critical"];

/** Told apart without colour: each severity has a shape and, where it wants attention, a letter. Paths in a unit square. */
export const shapes = {
  ok: { path: "M.2 .08H.8A.12 .12 0 0 1 .92 .2V.8A.12 .12 0 0 1 .8 .92H.2A.12 .12 0 0 1 .08 .8V.2A.12 .12 0 0 1 .2 .08Z", letter: "", word: "ok" },
  info: { path: "M.5 .06A.44 .44 0 1 1 .499 .06Z", letter: "i", word: "info" },
  unknown: { path: "M.5 .02L.98 .5L.5 .98L.02 .5Z", letter: "?", word: "not known" },
  warning: { path: "M.5 .04L.99 .93H.01Z", letter: "!", word: "warning" },
  error: { path: "M.05 .05H.95V.95H.05Z", letter: "E", word: "error" },
  critical: { path: "M.3 .02H.7L.98 .3V.7L.7 .98H.3L.02 .7V.3Z", letter: "C", word: "critical" },
};

export const rank = severity => Math.max(0, severities.indexOf(severity));

/** True for what an operator has to look at. */
export const isTrouble = severity => severity === "unknown" || rank(severity) >= rank("warning");

/** Makes an element: h("p", { class: "x", onclick: f }, "text", child). Texts are never read as markup. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

const svg = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

export { svg };

/** The mark of a severity, 16 pixels high. */
export function mark(severity) {
  const shape = shapes[severity] ?? shapes.unknown;
  const image = svg("svg", { viewBox: "0 0 1 1", class: `mark ${severity}`, role: "img", "aria-label": shape.word });
  image.append(svg("path", { d: shape.path }));
  if (shape.letter) {
    const text = svg("text", { x: ".5", y: severity === "warning" ? ".84" : ".73", "text-anchor": "middle" });
    text.textContent = shape.letter;
    image.append(text);
  }
  return image;
}

const two = number => String(number).padStart(2, "0");

/** Local time of day to the second. */
export const clock = time => `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;

/** Local date and time, as `history` prints it. */
export const moment = time => `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock(time)}`;

/** Like moment, but today's date is left out, and this year's number. */
export const brief = (time, now = new Date()) =>
  time.toDateString() === now.toDateString() ? clock(time) : moment(time).slice(time.getFullYear() === now.getFullYear() ? 5 : 0);

/** "3 min", "2 d 4 h": how long something lasts. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "1 brick", "3 bricks". */
export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

export const kindOf = entity => entity.slice(0, entity.indexOf("/"));

export const nameOf = entity => entity.slice(entity.indexOf("/") + 1);

/** The entity that a transition's id names: cluster/entity@sequence. */
export const entityOfId = id => id.slice(id.indexOf("/") + 1, id.lastIndexOf("@"));

/** What a transition tells, in a few words. */
export function change(transition) {
  const { previous, current, occurrence, change: name } = transition.data;
  if (occurrence) return occurrence;
  if (current !== previous) return `${previous ?? "new"} → ${current ?? "gone"}`;
  const changed = Object.entries(transition.data.changed ?? {});
  if (changed.length === 0) return name;
  const [key, { from, to }] = changed[0];
  return `${key}: ${from ?? "not set"} → ${to ?? "not set"}${changed.length > 1 ? ` and ${changed.length - 1} more` : ""}`;
}

/** The moment that somebody typed: "03:00", "yesterday 03:00", "2026-11-22 03:00", "90m", "2h"; null when it is none. */
export function parseMoment(text, now = new Date()) {
  const ago = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d)(?:\s+ago)?$/.exec(text.trim());
  if (ago) return new Date(now.getTime() - Number(ago[1]) * { s: 1, m: 60, min: 60, h: 3600, d: 86400 }[ago[2]] * 1000);
  const day = /^(?:(today|yesterday|\d{4}-\d\d-\d\d)[T ]*)?(?:(\d{1,2}):(\d\d)(?::(\d\d)(\.\d+)?)?)?$/.exec(text.trim());
  if (!day || (!day[1] && !day[2])) return null;
  const time = day[1]?.includes("-") ? new Date(`${day[1]}T00:00`) : new Date(now.getFullYear(), now.getMonth(), now.getDate() - (day[1] === "yesterday" ? 1 : 0));
  time.setHours(Number(day[2] ?? 0), Number(day[3] ?? 0), Number(day[4] ?? 0), Number(day[5] ?? 0) * 1000);

  // A clock time means its last occurrence: at 08:00, "09:16" was yesterday.
  if (!day[1] && time > now) time.setDate(time.getDate() - 1);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** A filter in the words of the API (`*` stands for anything), or any part of an id. */
export function matcher(text) {
  const wanted = text.trim();
  if (!wanted) return () => true;
  if (!wanted.includes("*")) return entity => entity.toLowerCase().includes(wanted.toLowerCase());
  const pattern = new RegExp(`^${wanted.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s");
  return entity => pattern.test(entity);
}
