import type { Look } from "./look.ts";

export const BINS = 1024;
export const ROWS = 512;

export interface Row {
  step: number;
  order: number;
  cells: Float32Array;
}

/** The spectrum as one row of `BINS` cells over a band: in each the strongest carrier, a little smeared. */
export function rowOf({ omega, amplitude }: Look, [low, high]: readonly [number, number]): Float32Array {
  const cells = new Float32Array(BINS);
  for (const [i, level] of amplitude.entries()) {
    const middle = Math.floor(((omega[i]! - low) / (high - low)) * BINS);
    for (let away = -2; away <= 2; away++) {
      const faded = level * (1 - away * away * 0.12);
      if (faded > cells[middle + away]!) cells[middle + away] = faded;
    }
  }
  return cells;
}

/** The last `ROWS` spectra in the order of their steps, whatever the order in which they came. */
export class Past {
  rows: Row[] = [];
  band: readonly [number, number] = [0, 1];

  /** Keep a look; `again` says that it is an old one seen once more, so that later ones stay true. */
  add(look: Look, again: boolean): void {
    const { step, order, band } = look.header;
    const [low, high] = this.band;
    if (band[0] !== low || band[1] !== high) {
      const from = (bin: number): number => Math.floor(((band[0] + ((bin + 0.5) / BINS) * (band[1] - band[0]) - low) / (high - low)) * BINS);
      for (const row of this.rows) row.cells = row.cells.map((_, bin) => row.cells[from(bin)] ?? 0);
      this.band = band;
    }
    const row = { step, order: order ?? NaN, cells: rowOf(look, band) };
    const at = this.index(step);
    this.rows.splice(at, again ? Number(this.rows[at]?.step === step) : ROWS, row);
    this.rows = this.rows.slice(-ROWS);
  }

  /** The place of the first row at or after a step. */
  index(step: number): number {
    const at = this.rows.findIndex((row) => row.step >= step);
    return at < 0 ? this.rows.length : at;
  }

  /** How many rows are shown: enough for all, at least 64, so that a short past is no hairline. */
  get shown(): number {
    return Math.min(ROWS, Math.max(1, Math.ceil(this.rows.length / 64)) * 64);
  }

  /** How far below the top the middle of a row lies, 0 ... 1; and the row at such a depth. */
  depth(row: number): number {
    return (this.rows.length - 0.5 - row) / this.shown;
  }

  rowAt(depth: number): Row | undefined {
    return this.rows[this.rows.length - 1 - Math.floor(depth * this.shown)];
  }
}
