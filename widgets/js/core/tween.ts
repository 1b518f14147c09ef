const SLOWEST_MS = 1000;
const CEILING_MS = 600;

/**
 * How far the picture is on its way from the previous frame to the newest one. The way takes as long as
 * frames have lately been apart, so a stream at a few hertz moves smoothly; after a pause it jumps.
 */
export class Tween {
  #arrived = -Infinity;
  #gap = 0;

  frame(now: number): void {
    const gap = now - this.#arrived;
    this.#gap = gap > SLOWEST_MS ? 0 : this.#gap ? this.#gap + 0.25 * (gap - this.#gap) : gap;
    this.#arrived = now;
  }

  /** 0 at the previous frame, 1 at the newest. */
  at(now: number): number {
    const length = Math.min(this.#gap, CEILING_MS);
    return length <= 0 ? 1 : Math.min(1, Math.max(0, (now - this.#arrived) / length));
  }

  /** Frames per second that arrive, or 0 after a pause. */
  rate(now: number): number {
    return this.#gap > 0 && now - this.#arrived < SLOWEST_MS ? 1000 / this.#gap : 0;
  }
}

/** The range of the colour bar: grows at once, shrinks slowly, so that colours do not flicker. */
export class CalmRange {
  low = 0;
  high = 0;
  #name = "";

  take(name: string, low: number, high: number): void {
    if (name !== this.#name) {
      [this.#name, this.low, this.high] = [name, low, high];
      return;
    }
    this.low = low < this.low ? low : this.low + 0.03 * (low - this.low);
    this.high = high > this.high ? high : this.high + 0.03 * (high - this.high);
  }
}

/** Draws fewer particles while frames take too long: a share that halves quickly and recovers slowly. */
export class DetailShare {
  value = 1;
  #slow = 0;
  #quick = 0;

  frameTook(ms: number): void {
    this.#slow = ms > 40 ? this.#slow + 1 : 0;
    this.#quick = ms < 20 ? this.#quick + 1 : 0;
    if (this.#slow >= 3) {
      this.value = Math.max(1 / 64, this.value / 2);
      this.#slow = 0;
    } else if (this.#quick >= 40) {
      this.value = Math.min(1, this.value * 1.5);
      this.#quick = 0;
    }
  }
}
