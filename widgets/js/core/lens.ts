/** How world coordinates come to the screen: (z − a) / (1 − ā z) of x + iy, which is z itself for a = 0, then a matrix. */
export interface Lens {
  readonly matrix: Float32Array;
  /** a of the Möbius map. */
  readonly ax: number;
  readonly ay: number;
  /** Where fog begins and ends, in clip w. */
  readonly fog: readonly [number, number];
  /** By how much particles are drawn larger. */
  readonly grow: number;
  /** Turn, or move, by this share of the picture. */
  turn(right: number, up: number): void;
  /** The pointer went from one place to another, in pixels from the middle, y up. */
  drag(x: number, y: number, toX: number, toY: number, height: number): void;
  /** Come nearer to a place in pixels from the middle. */
  zoom(factor: number, x?: number, y?: number, height?: number): void;
  reset(): void;
  settle(ms: number, jump: boolean): boolean;
  update(aspect: number): Float32Array;
  project(point: readonly number[], width: number, height: number): [number, number];
  /** Pixels per unit of length in the middle of the picture. */
  unit(height: number): number;
}

type Optics = Pick<Lens, "matrix" | "ax" | "ay">;

/** Pixels of the world point (x, y, z), written to `out[at]` and `out[at + 1]`. */
export function put(
  { matrix: m, ax, ay }: Optics, x: number, y: number, z: number,
  width: number, height: number, out: Float32Array | number[], at: number,
): void {
  const [u, v, s, t] = [x - ax, y - ay, 1 - ax * x - ay * y, ay * x - ax * y];
  const q = s * s + t * t;
  const [p, r] = [(u * s + v * t) / q, (v * s - u * t) / q];
  const w = Math.max(1e-3, m[3]! * p + m[7]! * r + m[11]! * z + m[15]!);
  out[at] = ((m[0]! * p + m[4]! * r + m[8]! * z + m[12]!) / w + 1) * 0.5 * width;
  out[at + 1] = (1 - (m[1]! * p + m[5]! * r + m[9]! * z + m[13]!) / w) * 0.5 * height;
}

export function projected(lens: Optics, [x, y, z]: readonly number[], width: number, height: number): [number, number] {
  const out: [number, number] = [0, 0];
  put(lens, x!, y!, z ?? 0, width, height, out, 0);
  return out;
}
