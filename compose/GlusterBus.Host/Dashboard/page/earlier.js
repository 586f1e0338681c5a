// What happened before the changes that the page holds: counted by the instance, since there may be any number.
import { ask } from "./connection.js";
import { rank } from "./words.js";

const bins = 240;

export class Earlier {
  /** @param onchange told that there is more to draw. */
  constructor(onchange) {
    Object.assign(this, { onchange, since: 0, until: 0, parts: [], asking: false });
  }

  /** Sees to it that all from `since` until `until`, in milliseconds, is counted. What can't be counted is not shown. */
  async reach(since, until) {
    if (this.asking || since >= until || (this.since <= since && this.until === until)) return;
    this.asking = true;
    try {
      const counted = await ask("v1/transitions/counts", { since: new Date(since).toISOString(), until: new Date(until).toISOString(), bins });
      const length = (until - since) / bins;
      this.parts = counted.bins.map((bin, i) => ({ ...bin, at: since + (i + 0.5) * length })).filter(bin => bin.count > 0);
      [this.since, this.until] = [since, until];
      this.onchange();
    } catch {
      // An instance of another version, or one whose archive is away: the next change of the window asks again.
    } finally {
      this.asking = false;
    }
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
