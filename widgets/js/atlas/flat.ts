import type { Box } from "../core/camera.ts";
import type { Lens } from "../core/lens.ts";
import { projected } from "../core/lens.ts";

const FILL = 0.84;
const SETTLE_MS = 70;
const DEEPEST = 400;
/** Farther out than this, tanh of half the distance is 1 to the last digit that the graphics card knows. */
const RIM = 0.9999;
const GRIP = 0.9;

type Pair = [number, number];

/** The product of two complex numbers, of the conjugate of the first if `sign` is -1. */
function times([a, b]: Pair, [c, d]: Pair, sign = 1): Pair {
  return [a * c - sign * b * d, a * d + sign * b * c];
}

function over(one: Pair, [c, d]: Pair): Pair {
  const [p, q] = times([c, d], one, -1);
  return [p / (c * c + d * d), q / (c * c + d * d)];
}

/** A map of the disk onto itself: z ↦ turn · (z − a) / (1 − ā z). */
export interface Moebius {
  a: Pair;
  turn: Pair;
}

export const STILL: Moebius = { a: [0, 0], turn: [1, 0] };

export function moved({ a, turn }: Moebius, z: Pair): Pair {
  const [p, q] = times(a, z, -1);
  return over(times(turn, [z[0] - a[0], z[1] - a[1]]), [1 - p, -q]);
}

/** Where a point came from. */
export function movedBack({ a, turn }: Moebius, w: Pair): Pair {
  const [x, y] = times(turn, w, -1);
  const [p, q] = times(a, [x, y], -1);
  return over([x + a[0], y + a[1]], [1 + p, q]);
}

/** `map`, and after it the translation along a line of the disk that carries p to q. */
export function dragged(map: Moebius, p: Pair, q: Pair): Moebius {
  const d: Pair = [q[0] - p[0], q[1] - p[1]];
  const k = times(p, q);
  const [e, f] = times(d, k, -1);
  const share = 1 - k[0] * k[0] - k[1] * k[1];
  const c: Pair = [(d[0] + e) / share, (d[1] + f) / share];
  if (!(Math.hypot(...c) < RIM)) return map;
  const a = movedBack(map, [-c[0], -c[1]]);
  if (!(Math.hypot(...a) < RIM)) return map;
  const one = moved(map, [1, 0]);
  const [g, h] = times(c, one, -1);
  const seen = over([one[0] + c[0], one[1] + c[1]], [1 + g, h]);
  return { a, turn: over(times(seen, [1 - a[0], a[1]]), [1 - a[0], -a[1]]) };
}

/** The nearest place that can be held between two fingers: not too near to the rim. */
function within(x: number, y: number): Pair {
  const share = Math.min(1, GRIP / Math.hypot(x, y));
  return [x * share, y * share];
}

/** A plane seen from above with equal scales, to be shifted and zoomed; on the disk, shifting is a map of the disk. */
export class Flat implements Lens {
  readonly matrix = new Float32Array(16);
  readonly fog = [1, 2] as const;
  readonly disk: boolean;
  readonly #middle: Pair;
  readonly #span: Pair;
  #goal: [number, number, number] = [0, 0, 0];
  #now: [number, number, number] = [0, 0, 0];
  #scale = 1;
  #map = STILL;

  constructor([low, high]: Box, disk: boolean) {
    this.disk = disk;
    this.#middle = [0, 1].map((i) => (low[i]! + high[i]!) / 2) as Pair;
    this.#span = [0, 1].map((i) => high[i]! - low[i]!) as Pair;
  }

  get ax(): number {
    return this.#map.a[0];
  }

  get ay(): number {
    return this.#map.a[1];
  }

  get grow(): number {
    return Math.exp(this.#now[2] / 2) / 3.9;
  }

  unit(height: number): number {
    return this.#scale * height;
  }

  turn(right: number, up: number): void {
    if (this.disk) this.#map = dragged(this.#map, [0, 0], [-right, -up]);
    else {
      const zoom = Math.exp(-this.#goal[2]);
      this.#goal[0] += right * this.#span[0] * zoom;
      this.#goal[1] += up * this.#span[1] * zoom;
    }
  }

  drag(x: number, y: number, toX: number, toY: number, height: number): void {
    const unit = this.unit(height);
    if (this.disk) {
      const [p, q] = [within(x / unit, y / unit), within(toX / unit, toY / unit)];
      this.#map = dragged(this.#map, p, q);
    } else
      for (const [i, by] of [(x - toX) / unit, (y - toY) / unit].entries()) {
        this.#goal[i]! += by;
        this.#now[i]! += by;
      }
  }

  zoom(factor: number, x = 0, y = 0, height = 1): void {
    const before = this.#goal[2];
    this.#goal[2] = Math.min(Math.log(DEEPEST), Math.max(-1.5, before + Math.log(factor)));
    if (this.disk) return;
    const kept = (1 - Math.exp(before - this.#goal[2])) / this.unit(height);
    this.#goal[0] += x * kept;
    this.#goal[1] += y * kept;
  }

  reset(): void {
    this.#goal = [0, 0, 0];
    this.#map = STILL;
  }

  settle(ms: number, jump: boolean): boolean {
    const share = jump ? 1 : 1 - Math.exp(-ms / SETTLE_MS);
    const scale = 1e-3 * Math.exp(-this.#goal[2]);
    let moving = false;
    for (const i of [0, 1, 2] as const) {
      const rest = this.#goal[i] - this.#now[i];
      const near = Math.abs(rest) < (i === 2 ? 1e-3 : scale * this.#span[i]);
      this.#now[i] = near ? this.#goal[i] : this.#now[i] + rest * share;
      moving ||= !near && !jump;
    }
    return moving;
  }

  update(aspect: number): Float32Array {
    const [x, y, zoom] = this.#now;
    const m = this.matrix;
    this.#scale = FILL * Math.exp(zoom) * Math.min(aspect / this.#span[0], 1 / this.#span[1]);
    const [cos, sin] = this.#map.turn;
    const [sx, sy] = [(2 * this.#scale) / aspect, 2 * this.#scale];
    m.set([sx * cos, sy * sin, 0, 0, -sx * sin, sy * cos]);
    m[12] = -sx * (x + this.#middle[0]);
    m[13] = -sy * (y + this.#middle[1]);
    m[15] = 1;
    return m;
  }

  project(point: readonly number[], width: number, height: number): [number, number] {
    return projected(this, point, width, height);
  }
}
