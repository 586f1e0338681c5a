// The cluster as it was: asks for the state table of a moment, and plays on from there.
import { ask } from "./connection.js";
import { Cluster } from "./model.js";

const ahead = 1000;

export class Past {
  constructor({ onshow, onplayed, onlive, onproblem, onmoment }) {
    Object.assign(this, { onshow, onplayed, onlive, onproblem, onmoment, wanted: null, loading: null, kinds: null, cluster: null, moment: null, playing: null });
  }

  /** Shows a moment. While the slider is dragged only the last moment asked for is read. */
  seek(time, kinds) {
    this.kinds = kinds;
    this.wanted = time;
    this.loading ??= this.loadAll().finally(() => { this.loading = null; });
  }

  async loadAll() {
    try {
      while (this.wanted) {
        const at = this.wanted;
        await this.load(at);
        if (this.wanted === at) this.wanted = null;
      }
    } catch (error) {
      this.wanted = null;
      this.onproblem(error);
    }
  }

  async load(at) {
    const text = at.toISOString();
    const [rows, record] = await Promise.all([ask("v1/state", { at: text }), ask("v1/transitions", { until: new Date(at.getTime() + 1).toISOString(), newest: true, limit: 500 })]);
    if (this.wanted === null) return;
    const cluster = new Cluster(this.kinds);
    cluster.replace(rows);
    const told = record.filter(transition => new Date(transition.data.recordedAt) <= at);
    cluster.recall(told);

    this.cluster = cluster;
    this.moment = at;
    this.onproblem(null);
    this.onshow(cluster, told);
  }

  stop() {
    this.wanted = null;
    this.play(false);
  }

  /** Plays on from the moment shown, `speed` times as fast as life. */
  async play(isOn, speed = 60) {
    const run = isOn ? { applied: [] } : null;
    this.playing = run;
    if (!run) return;
    await this.loading;
    if (this.playing !== run || !this.cluster) return;
    const from = this.moment.getTime();
    let coming = await this.after(this.moment);
    const begun = performance.now();
    let synced = begun;
    const tick = async now => {
      if (this.playing !== run) return;
      const at = new Date(from + (now - begun) * speed);
      if (at >= new Date()) {
        this.onlive();
        return;
      }
      const due = [];
      while (coming.length > 0 && new Date(coming[0].data.recordedAt) <= at) due.push(coming.shift());
      for (const transition of due) this.cluster.apply(transition);
      run.applied.push(...due);
      this.moment = at;
      this.onmoment(at);
      if (due.length > 0) this.onplayed(due);
      if (coming.length === 0 && due.length > 0) coming = await this.after(at);
      if (now - synced > 4000) {
        synced = now;
        this.resync(run, at);
      }
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  /** What changes quietly is in the table alone. What was played while it was read is played on it again. */
  async resync(run, at) {
    run.applied = [];
    const rows = await ask("v1/state", { at: at.toISOString() }).catch(() => null);
    if (this.playing !== run || !rows) return;
    this.cluster.replace(rows);
    for (const transition of run.applied) this.cluster.apply(transition);
    this.onplayed([]);
  }

  /** What follows a moment; an instance that can't be asked ends the playing. */
  async after(time) {
    try {
      const found = await ask("v1/transitions", { since: new Date(time.getTime() - 60_000).toISOString(), limit: ahead });
      return found.filter(transition => new Date(transition.data.recordedAt) > time);
    } catch (error) {
      this.onproblem(error);
      this.playing = null;
      return [];
    }
  }
}
