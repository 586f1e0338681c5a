// Puts the page together. What arrives is gathered and shown once a frame, however much it is.
import { Refusal, ask, token } from "./connection.js";
import { Details } from "./details.js";
import { Feed } from "./list.js";
import { Live } from "./live.js";
import { ClusterMap, describe } from "./map.js";
import { Past } from "./past.js";
import { TimeSlider, held } from "./time.js";
import { Troubles } from "./troubles.js";
import { count, h, mark, matcher, moment, rank, severities } from "./words.js";

const find = id => document.getElementById(id);

/** The cluster that is looked at: as it is, or as it was. */
let shown = null;
let troublesDue = 0;
let countsShown = "";
let opener = null;

const filter = { isWanted: () => true, least: 0 };
const map = new ClusterMap(find("map"), { onselect: select, onpoint: entity => { find("cursor").textContent = entity && shown ? describe(shown, entity) : ""; } });
const feed = new Feed(find("feed"), { onselect: transition => select(transition.subject), onmore: showMore });
const details = new Details(find("details"), { onselect: select, ontime: time => slider.seek(time), onclose: () => select(null) });
const troubles = new Troubles(find("troubles"), { onselect: select });
const slider = new TimeSlider(find("time"), { onseek: seek, onplay: (isOn, speed) => past.play(isOn, speed) });
const past = new Past({ onshow: showPast, onplayed: showPlayed, onlive: () => slider.seek(null), onproblem: problem, onmoment: showMoment });
const live = new Live({ record: () => slider.record, onfirst: openAddress, onrecord: showRecord, onrefresh: () => { map.dirty = true; }, onstate: showStatus, onproblem: problem });

async function start() {
  try {
    const about = await ask("v1/instance");
    document.title = `${about.cluster} · GlusterBus`;
    find("cluster").textContent = about.cluster;
    find("about").textContent = `GlusterBus ${about.version}, glusterbus ${about.role}`;
    live.open(about.kinds);
    shown = live.cluster;
    map.show(shown);
    requestAnimationFrame(frame);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) askToken();
    else retry(error);
  }
}

function retry(error) {
  problem(error);
  setTimeout(start, 3000);
}

function askToken() {
  token.clear();
  const dialog = find("sign-in");
  dialog.querySelector("form").onsubmit = event => {
    event.preventDefault();
    token.set(dialog.querySelector("input").value.trim());
    dialog.close();
    start();
  };
  dialog.showModal();
}

/** What the address asks for. */
function openAddress() {
  const hash = new URLSearchParams(location.hash.slice(1));
  if (hash.get("at")) slider.seek(new Date(hash.get("at")));
  if (hash.get("entity")) select(hash.get("entity"));
}

function showRecord(record, knownSince) {
  slider.setRecord(record, knownSince);
  if (shown === live.cluster) feed.replace(record);
}

/** One frame: takes what has arrived, and draws what changed. */
function frame(now) {
  const news = live.take(now);
  if (news) {
    slider.add(news);
    if (shown === live.cluster) {
      feed.add(news);
      details.add(news, shown, Date.now());
      map.dirty = true;
    }
  }
  map.draw();
  feed.draw();
  slider.draw(now);
  if (now > troublesDue && shown.isKnown) showTroubles(now);
  requestAnimationFrame(frame);
}

function showTroubles(now) {
  troublesDue = now + 500;
  const moment = slider.at?.getTime() ?? Date.now();
  troubles.show(shown.troubles(filter.isWanted, filter.least), moment, filter.least);
  const counts = shown.counts();
  const text = JSON.stringify(counts);
  if (text !== countsShown) {
    countsShown = text;
    find("counts").replaceChildren(...[...severities].reverse().filter(s => counts[s]).map(s => h("li", { class: s }, mark(s), h("b", {}, counts[s].toLocaleString("en")), ` ${s === "unknown" ? "not known" : s}`)));
    const bad = ["critical", "error", "warning"].reduce((sum, s) => sum + (counts[s] ?? 0), 0);
    document.title = `${bad ? `(${bad}) ` : ""}${find("cluster").textContent} · GlusterBus`;
  }
  if (slider.at === null) slider.show();
}

function showStatus() {
  const status = find("status");
  const kind = slider.at ? "past" : live.isConnected ? "live" : "away";
  status.className = kind;
  status.textContent = { past: `As it was at ${slider.at ? moment(slider.at) : ""}`, live: "Live", away: "Connection lost, trying again" }[kind];
  document.body.classList.toggle("in-past", kind === "past");
}

function problem(error) {
  const line = find("problem");
  line.hidden = !error;
  line.textContent = error ? error.message : "";
}

function showMore(number) {
  const button = find("more");
  button.dataset.count = number === 0 ? 0 : Number(button.dataset.count || 0) + number;
  button.hidden = number === 0;
  button.textContent = `${count(Number(button.dataset.count), "new change")} ↑`;
}

function select(entity) {
  if (entity && !details.entity) opener = document.activeElement;
  map.selected = entity;
  map.dirty = true;
  if (entity) {
    details.open(entity, shown, slider.at?.getTime() ?? Date.now());
    find("details").focus();
    map.reveal(entity);
  } else {
    details.close();
    (opener?.isConnected ? opener : find("map")).focus();
  }
  remark();
}

/** Shows a moment of the past; null for the present. */
function seek(time) {
  showStatus();
  remark();
  if (time) {
    past.seek(time, live.cluster.kinds);
  } else {
    past.stop();
    shown = live.cluster;
    map.show(shown);
    feed.replace(slider.record.slice(-held));
    again();
  }
}

function showPast(cluster, record) {
  shown = cluster;
  map.show(cluster);
  if (record) feed.replace(record);
  again();
}

function showPlayed(transitions) {
  feed.add(transitions);
  details.add(transitions, shown, slider.at.getTime());
  map.dirty = true;
}

function showMoment(time) {
  slider.set(time);
  showStatus();
}

function again() {
  troublesDue = 0;
  showStatus();
  if (details.entity) details.render(shown, slider.at?.getTime() ?? Date.now(), false);
}

/** The address shows what is looked at, so that it can be handed on. */
function remark() {
  const parts = new URLSearchParams();
  if (map.selected) parts.set("entity", map.selected);
  if (slider.at) parts.set("at", slider.at.toISOString());
  history.replaceState(null, "", parts.size ? `#${parts}` : location.pathname);
}

function applyFilter() {
  const isNamed = matcher(find("wanted").value);
  filter.isWanted = isNamed;
  filter.least = rank(find("least").value);
  map.isWanted = (entity, row) => isNamed(entity) && rank(row?.severity ?? "unknown") >= filter.least;
  map.dirty = true;
  feed.filter(transition => isNamed(transition.subject) && (rank(transition.data.severity) >= filter.least
    || (transition.data.previous && rank(live.cluster.severityOf(transition.subject, transition.data.previous)) >= filter.least)));
  troublesDue = 0;
}

find("wanted").addEventListener("input", applyFilter);
find("least").addEventListener("change", applyFilter);
find("filter").addEventListener("submit", event => event.preventDefault());
find("more").addEventListener("click", () => feed.toTop());
find("map").locate = entity => map.locate(entity);
document.addEventListener("keydown", event => {
  if (event.key === "/" && !/^(search|password|text)$/.test(event.target.type)) {
    event.preventDefault();
    find("wanted").focus();
  }
});
find("legend").append(...[...severities].reverse().map(s => h("li", {}, mark(s), ` ${s === "unknown" ? "not known" : s}`)));
start();
