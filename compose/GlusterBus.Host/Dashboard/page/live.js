// The cluster as it is: the state table, the newest of the record, and the stream that goes on from there. What the stream brings is gathered until
// somebody takes it, however much it is.
import { Stream, ask } from "./connection.js";
import { Cluster } from "./model.js";
import { held } from "./time.js";

export class Live {
  /** @param record tells what of the record is known already; @param onfirst connected for the first time, and all is read; @param onrecord told the record and
   * since when the past is known; @param onrefresh the state table was read again; @param onstate told whether the stream is there; @param onproblem told an error, or null. */
  constructor({ record, onfirst, onrecord, onrefresh, onstate, onproblem }) {
    Object.assign(this, { record, onfirst, onrecord, onrefresh, onstate, onproblem, cluster: null, isConnected: false, waiting: [], meanwhile: [], seen: new Set(), refreshing: null, isRead: false, due: 0 });
    this.stream = new Stream({ onbatch: (transitions, missed) => this.gather(transitions, missed), onready: isFirst => this.begin(isFirst), onstate: isConnected => this.connected(isConnected) });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.due = 0; });
  }

  open(kinds) {
    this.cluster = new Cluster(kinds);
    this.stream.open();
  }

  connected(isConnected) {
    this.isConnected = isConnected;
    this.onstate();
  }

  /** Connected: the state table and the record are read after the position is known, so that nothing falls in between. */
  async begin(isFirst) {
    this.onproblem(null);
    if (!isFirst) {
      await this.refresh();
      return;
    }
    await this.reload();
    this.onfirst();
  }

  async reload() {
    try {
      const [about, record] = await Promise.all([ask("v1/instance"), ask("v1/transitions", { newest: true, limit: held })]);
      const newest = record.at(-1)?.data.recordedAt ?? "";
      record.push(...this.record().filter(transition => transition.data.recordedAt > newest));
      for (const transition of record) this.remember(transition.id);
      this.cluster.recall(record);
      this.isRead = true;
      this.onrecord(record, about.knownSince ? new Date(about.knownSince) : null);
      await this.refresh();
    } catch (error) {
      this.onproblem(error);
      setTimeout(() => this.reload(), 3000);
    }
  }

  /** Reads the state table again: what changes quietly is not announced. What is announced meanwhile is applied to the new table too. */
  async refresh() {
    this.due = performance.now() + 60_000;
    if (this.refreshing) return this.refreshing;
    this.meanwhile = [];
    this.refreshing = ask("v1/state").then(rows => {
      this.cluster.replace(rows);
      for (const transition of this.meanwhile) this.cluster.apply(transition);
      this.onproblem(null);
      this.onrefresh();
    }).catch(error => {
      this.due = performance.now() + 3000;
      this.onproblem(error);
    }).finally(() => { this.refreshing = null; });
    return this.refreshing;
  }

  gather(transitions, missed) {
    this.waiting.push(...transitions);
    if (missed) {
      this.onproblem(new Error("Some changes are missing: this page was away for longer than the record reaches."));
      this.reload();
    }
  }

  /** Applies what has arrived; called once a frame. @returns what of it is new; null when nothing has arrived. */
  take(now) {
    const news = this.waiting.length > 0 ? this.waiting.splice(0).filter(transition => this.apply(transition, now)) : null;
    // The record comes before the state: without it nobody would know what explains what.
    if (this.isRead && now > this.due && this.isConnected && !document.hidden) this.refresh();
    return news;
  }

  /** @returns false for what was told before. */
  apply(transition, now) {
    if (this.refreshing) this.meanwhile.push(transition);
    this.cluster.apply(transition);

    // Bricks that come with a volume come quietly.
    if (/^(volume|peer|cluster)\//.test(transition.subject)) this.due = Math.min(this.due, now + 2000);
    return this.remember(transition.id);
  }

  /** A client that resumes may be told once more what it knows. @returns false when it was known. */
  remember(id) {
    if (this.seen.has(id)) return false;
    this.seen.add(id);
    if (this.seen.size > 20_000) for (const old of [...this.seen].slice(0, 10_000)) this.seen.delete(old);
    return true;
  }
}
