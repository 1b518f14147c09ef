/** Recorded moments a second when no speed is chosen. */
export const MOMENTS_PER_S = 12;

/** The moments of a recorded run and which one is shown; time passes only when it is told to. */
export class Clock {
  readonly moments: readonly number[];
  playing = false;
  /** Steps a second, or null for a steady pace of recorded moments. */
  speed: number | null = null;
  #at: number;
  #waited = 0;

  /** Stands at the newest of these steps. */
  constructor(steps: Iterable<number>) {
    this.moments = [...new Set(steps)].sort((a, b) => a - b);
    this.#at = this.moments.length - 1;
  }

  get step(): number {
    return this.moments[this.#at]!;
  }

  get newest(): boolean {
    return this.#at === this.moments.length - 1;
  }

  /** From here on, or from the start again when nothing is left. */
  play(): void {
    if (this.moments.length < 2) return;
    if (this.newest) this.#at = 0;
    this.#waited = 0;
    this.playing = true;
  }

  pause(): void {
    this.playing = false;
  }

  next(): void {
    this.#at = Math.min(this.#at + 1, this.moments.length - 1);
    this.playing = false;
  }

  /** The last moment that is not after `step`; a wish for a neighbouring step goes to the neighbouring moment. */
  seek(step: number | null): void {
    const away = step === null ? Infinity : step - this.step;
    if (Math.abs(away) === 1) this.#at += away;
    else this.#at = this.moments.filter((moment) => moment - this.step <= away).length - 1;
    this.#at = Math.min(Math.max(this.#at, 0), this.moments.length - 1);
    this.#waited = 0;
  }

  /** Let seconds go by while playing; stops at the end. */
  pass(seconds: number): void {
    if (!this.playing) return;
    this.#waited += seconds;
    while (!this.newest && this.#waited >= this.#gap()) {
      this.#waited -= this.#gap();
      this.#at += 1;
    }
    if (this.newest) this.playing = false;
  }

  /** Seconds from this moment to the next. */
  #gap(): number {
    return this.speed === null ? 1 / MOMENTS_PER_S : (this.moments[this.#at + 1]! - this.step) / this.speed;
  }
}
