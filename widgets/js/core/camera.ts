import type { Lens } from "./lens.ts";
import { projected } from "./lens.ts";

export type Vec3 = [number, number, number];
export type Box = readonly [readonly number[], readonly number[]];

export interface View {
  azimuth: number;
  elevation: number;
  distance: number;
}

const FIRST: View = { azimuth: -0.95, elevation: 0.36, distance: 3.9 };
const TILT_LIMIT = 1.52;
const NEAREST = 0.35;
const FARTHEST = 14;
const SETTLE_MS = 70;
const TURN_PER_PIXEL = 0.0075;

/** Half the picture's height is 1 / FIELD of the distance: the box's sphere fills four fifths of it. */
export const FIELD = 3.35;

/** An orbit around the middle of a box, whose half diagonal is one unit; z is up. */
export class Camera implements Lens {
  #goal: View = { ...FIRST };
  #now: View = { ...FIRST };
  #fit = FIELD;
  readonly ax = 0;
  readonly ay = 0;
  readonly grow = 1;
  readonly centre: Vec3;
  readonly radius: number;
  readonly matrix = new Float32Array(16);
  eye: Vec3 = [0, 0, 0];

  constructor(box: Box) {
    const [low, high] = box;
    this.centre = [0, 1, 2].map((i) => (low[i]! + high[i]!) / 2) as Vec3;
    this.radius = Math.hypot(...[0, 1, 2].map((i) => high[i]! - low[i]!)) / 2;
  }

  get fog(): [number, number] {
    const { distance } = this.#now;
    return [Math.max(0.05, distance - 1), distance + 1];
  }

  unit(height: number): number {
    return (this.#fit * height) / (2 * this.#now.distance * this.radius);
  }

  drag(x: number, y: number, toX: number, toY: number): void {
    this.turn((x - toX) * TURN_PER_PIXEL, (y - toY) * TURN_PER_PIXEL);
  }

  turn(azimuth: number, elevation: number): void {
    this.#goal.azimuth += azimuth;
    this.#goal.elevation = Math.min(TILT_LIMIT, Math.max(-TILT_LIMIT, this.#goal.elevation + elevation));
  }

  zoom(factor: number): void {
    this.#goal.distance = Math.min(FARTHEST, Math.max(NEAREST, this.#goal.distance / factor));
  }

  reset(): void {
    const turns = Math.round((this.#goal.azimuth - FIRST.azimuth) / (2 * Math.PI));
    this.#goal = { ...FIRST, azimuth: FIRST.azimuth + turns * 2 * Math.PI };
  }

  /** Glide towards the goal for `ms`; true while still moving. `jump` arrives at once. */
  settle(ms: number, jump: boolean): boolean {
    const share = jump ? 1 : 1 - Math.exp(-ms / SETTLE_MS);
    let moving = false;
    for (const key of ["azimuth", "elevation", "distance"] as const) {
      const rest = this.#goal[key] - this.#now[key];
      if (Math.abs(rest) < 5e-4) this.#now[key] = this.#goal[key];
      else {
        this.#now[key] += rest * share;
        moving ||= !jump;
      }
    }
    return moving;
  }

  /** Column-major clip matrix for world coordinates on a picture of the given shape. */
  update(aspect: number): Float32Array {
    const { azimuth, elevation, distance } = this.#now;
    const [ca, sa, ce, se] = [Math.cos(azimuth), Math.sin(azimuth), Math.cos(elevation), Math.sin(elevation)];
    const right: Vec3 = [-sa, ca, 0];
    const up: Vec3 = [-se * ca, -se * sa, ce];
    const back: Vec3 = [ce * ca, ce * sa, se];
    const near = Math.max(0.02, distance - 2.5);
    const far = distance + 2.5;
    const fit = (this.#fit = FIELD * Math.min(1, aspect / 1.25));
    const [sx, sy] = [fit / aspect, fit];
    const [sz, tz] = [-(far + near) / (far - near), (-2 * far * near) / (far - near)];
    const m = this.matrix;
    const scale = 1 / this.radius;
    for (let i = 0; i < 3; i++) {
      m[4 * i] = sx * right[i]! * scale;
      m[4 * i + 1] = sy * up[i]! * scale;
      m[4 * i + 2] = sz * back[i]! * scale;
      m[4 * i + 3] = -back[i]! * scale;
    }
    const [cx, cy, cz] = this.centre;
    for (let row = 0; row < 4; row++) {
      m[12 + row] = -(m[row]! * cx + m[4 + row]! * cy + m[8 + row]! * cz);
    }
    m[14] = m[14]! - sz * distance + tz;
    m[15] = m[15]! + distance;
    this.eye = back.map((x, i) => this.centre[i]! + x * distance * this.radius) as Vec3;
    return m;
  }

  /** Where a world point falls on a picture of `width` x `height`. */
  project(point: readonly number[], width: number, height: number): [number, number] {
    return projected(this, point, width, height);
  }
}
