// What happened before the changes that the page holds: counted by the instance, since there may be any number.
import { ask } from "./connection.js";
import { rank } from "./words.js";

const bins = 240;

export class Earlier {
  /** @param onchange told that there is more to draw. */
  constructor(onchange) {
    Object.assign(this, { onchange, since: 0, until: 0, parts: [], wanted: null, counting: null });
  }

  /** Sees to it that all from `since` until `until`, in milliseconds, is counted. What can't be counted is not shown. */
  reach(since, until) {
    if (since >= until) return;
    this.wanted = { since, until };
    this.counting ??= this.countAll().finally(() => { this.counting = null; });
  }

  /** While one stretch is being counted, only the last asked for is remembered. */
  async countAll() {
    try {
      while (this.wanted) {
        const { since, until } = this.wanted;
        this.wanted = null;
        if (this.since <= since && this.until === until) continue;
        await this.count(since, until);
        this.onchange();
      }
    } catch {
      // An instance of another version, or one whose archive is away: the next change of the window asks again.
    }
  }

  async count(since, until) {
    const counted = await ask("v1/transitions/counts", { since: new Date(since).toISOString(), until: new Date(until).toISOString(), bins });
    const length = (until - since) / bins;
    this.parts = counted.bins.map((bin, i) => ({ ...bin, at: since + (i + 0.5) * length })).filter(bin => bin.count > 0);
    [this.since, this.until] = [since, until];
  }

  /** Adds what was counted to the bars of a window. */
  addTo(heights, begin, span) {
    for (const { at, count, bad, worst } of this.parts) {
      const bar = heights[Math.floor(((at - begin) / span) * heights.length)];
      if (!bar) continue;
      bar.all += count;
      bar.bad += bad;
      if (rank(worst) > rank(bar.worst)) bar.worst = worst;
    }
  }
}
