import { clamp } from "./layout.ts";

/** Which steps are seen. Moves at once; what Python should send for it is another matter. */
const SHORTEST = 4;
const LONGEST = 1.25;

export interface WindowWish {
  first: number | null;
  last: number | null;
  span: number | null;
  width: number;
}

export class View {
  first = 0;
  last = 1;
  following = true;
  /** Steps that are followed; null: all of them. */
  span: number | null = null;
  run: [first: number, last: number] = [0, 1];

  get length(): number {
    return this.last - this.first;
  }

  /** The run has grown, or is known for the first time. */
  setRun(first: number, last: number): void {
    this.run = [first, last];
    if (this.following) this.#followUp();
  }

  pan(steps: number): void {
    this.#set(this.first + steps, this.last + steps);
  }

  /** Magnify around the place at `share` of the width; while the newest steps are followed they stay at the right. */
  zoom(factor: number, share = this.following ? 1 : 0.5): void {
    const whole = Math.max(this.run[1] - this.run[0], SHORTEST);
    const length = clamp(this.length / factor, SHORTEST, LONGEST * whole);
    const anchor = this.first + share * this.length;
    if (length >= whole && factor < 1) this.follow(null);
    else if (this.following && share > 0.85) this.follow(length);
    else this.#set(anchor - share * length, anchor + (1 - share) * length);
  }

  show(first: number, last: number): void {
    this.following = false;
    [this.first, this.last] = [first, last];
  }

  follow(span: number | null = this.span): void {
    [this.following, this.span] = [true, span];
    this.#followUp();
  }

  /** A window as long as this one at the newest steps. */
  followOn(): void {
    const whole = this.run[1] - this.run[0];
    this.follow(this.length < whole ? this.length : null);
  }

  home(): void {
    this.#set(this.run[0], this.run[0] + this.length);
  }

  wish(width: number): WindowWish {
    return this.following
      ? { first: null, last: null, span: this.span, width }
      : { first: this.first, last: this.last, span: null, width };
  }

  /** Keep at least a tenth of the window on the run. */
  #set(first: number, last: number): void {
    const length = last - first;
    const held = clamp(first, this.run[0] - 0.9 * length, this.run[1] - 0.1 * length);
    this.show(held, held + length);
  }

  #followUp(): void {
    const [first, last] = this.run;
    this.first = this.span === null ? first : last - this.span;
    this.last = last > this.first ? last : this.first + 1;
  }
}
