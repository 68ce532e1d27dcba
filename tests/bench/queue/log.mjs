// The handler's own log: what was started when, and whether order and single flight held.

/** What every handler of a measure writes to; it judges by what it saw, not by what was said. */
export class HandlerLog {
  #lanes;
  #started = 0;
  #finished = 0;
  #violations = 0;
  #overlaps = 0;
  #doubled = 0;
  #waiting = [];
  /** When the last start or finish was, in ms. */
  lastChange = performance.now();
  /** Called with lane, number and time of each first start. */
  onStart = () => {};

  constructor(lanes) {
    this.#lanes = Array.from({ length: lanes }, () => ({ seen: new Set(), last: -1, open: 0 }));
  }

  get started() {
    return this.#started;
  }

  /** Different messages whose handler has ended. */
  get finished() {
    return this.#finished;
  }

  /** Called first thing in a handler. */
  start(laneNumber, seq) {
    const now = performance.now();
    const lane = this.#lanes[laneNumber];
    this.lastChange = now;
    if (lane.open > 0) {
      this.#overlaps += 1;
    }
    lane.open += 1;
    if (lane.seen.has(seq)) {
      this.#doubled += 1;
      return;
    }
    lane.seen.add(seq);
    // One that comes before an earlier one has overtaken it: counted when the earlier one starts.
    if (seq < lane.last) {
      this.#violations += 1;
    }
    lane.last = Math.max(lane.last, seq);
    this.#started += 1;
    this.onStart(laneNumber, seq, now);
  }

  /** Called last thing in a handler. */
  finish(laneNumber) {
    this.#lanes[laneNumber].open -= 1;
    this.#finished += 1;
    this.lastChange = performance.now();
    this.#waiting = this.#waiting.filter(({ isReached, resolve }) => {
      if (isReached()) {
        resolve();
        return false;
      }
      return true;
    });
  }

  /**
   * Waits until a condition on what finished holds; true if it did, false after `limitMs`, or once
   * nothing has moved for `stallMs`.
   */
  async until(isReached, { limitMs, stallMs }) {
    if (isReached()) {
      return true;
    }
    const begin = performance.now();
    let timer;
    const reached = new Promise((resolve) => this.#waiting.push({ isReached, resolve }));
    const given = new Promise((resolve) => {
      timer = setInterval(() => {
        const now = performance.now();
        if (now - begin > limitMs || now - this.lastChange > stallMs) {
          resolve(false);
        }
      }, 50);
    });
    const outcome = await Promise.race([reached.then(() => true), given]);
    clearInterval(timer);
    return outcome;
  }

  /** What the figures of a measure carry; a run that was cut short has lost nothing by that. */
  verdict(enqueued, wasCut) {
    return {
      order_violations: this.#violations,
      overlaps: this.#overlaps,
      lost: wasCut ? 0 : enqueued - this.#started,
      doubled: this.#doubled,
    };
  }
}
