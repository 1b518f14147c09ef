const CLOSEST = 1 / 400;
const MARGIN = 0.08;

/** The part of the frequencies that is shown, inside a band that may grow. */
export class Span {
  low = 0;
  high = 1;
  #band: readonly [number, number] = [0, 1];

  setBand(band: readonly [number, number]): void {
    const whole = this.high - this.low >= (this.#band[1] - this.#band[0]) * 0.9999;
    this.#band = band;
    if (whole) this.reset();
    else this.zoom(1, this.low);
  }

  /** 0 at the left end, 1 at the right one. */
  share(omega: number): number {
    return (omega - this.low) / (this.high - this.low);
  }

  at(share: number): number {
    return this.low + share * (this.high - this.low);
  }

  /** Show less (`factor` > 1) about a frequency that keeps its place, then move by a share of what is shown. */
  zoom(factor: number, about: number, by = 0): void {
    const [first, last] = this.#band;
    const width = Math.min(last - first, Math.max((this.high - this.low) / factor, (last - first) * CLOSEST));
    const low = about - this.share(about) * width + by * width;
    this.low = Math.min(Math.max(low, first), last - width);
    this.high = this.low + width;
  }

  /** Move just so far that a frequency is seen. */
  reveal(omega: number): void {
    const share = this.share(omega);
    this.zoom(1, this.low, share < MARGIN ? share - MARGIN : share > 1 - MARGIN ? share - 1 + MARGIN : 0);
  }

  reset(): void {
    [this.low, this.high] = this.#band;
  }
}
