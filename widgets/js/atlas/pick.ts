import type { Lens } from "../core/lens.ts";
import { put } from "../core/lens.ts";
import { LOST, numbers } from "../core/protocol.ts";
import type { AtlasFrame, AtlasSelection } from "./messages.ts";
import { fairOrder } from "./order.ts";

export type Mode = "replace" | "add" | "subtract" | "intersect";
export const MODES: readonly Mode[] = ["replace", "add", "subtract", "intersect"];

/** Pixels (x, y) of particles of a frame; NaN where a coordinate is not finite. */
export function screenOf(
  frame: AtlasFrame, lens: Lens, width: number, height: number, from = 0, to = frame.header.count,
): Float32Array {
  const { count, low, high } = frame.header;
  const codes = numbers(frame, "positions", "u2");
  const stride = codes.length / (count || 1);
  const [sx, sy, sz] = low.map((x, i) => (high[i]! - x) / 65534) as [number, number, number];
  const places = new Float32Array(2 * (to - from));
  for (let i = 0; i < to - from; i++) {
    const at = stride * (from + i);
    if (codes[at] === LOST) places[2 * i] = places[2 * i + 1] = NaN;
    else {
      const z = stride > 2 ? low[2] + codes[at + 2]! * sz : 0;
      put(lens, low[0] + codes[at]! * sx, low[1] + codes[at + 1]! * sy, z, width, height, places, 2 * i);
    }
  }
  return places;
}

/** The row whose place is nearest to (x, y), within `reach` pixels; -1 for none. */
export function nearest(places: Float32Array, x: number, y: number, reach: number): number {
  let [best, least] = [-1, reach * reach];
  for (let i = 0; i < places.length; i += 2) {
    const away = (places[i]! - x) ** 2 + (places[i + 1]! - y) ** 2;
    if (away <= least) [best, least] = [i / 2, away];
  }
  return best;
}

/** Whether a point lies inside a polygon x0, y0, x1, y1, … : a ray to the right crosses its sides an odd number of times. */
export function isInside(x: number, y: number, polygon: readonly number[]): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [polygon[i]!, polygon[i + 1]!, polygon[j]!, polygon[j + 1]!];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Rows whose places lie inside a polygon. */
export function rowsInside(places: Float32Array, polygon: readonly number[]): number[] {
  const rows: number[] = [];
  const [left, top] = [0, 1].map((axis) => polygon.reduce((least, x, i) => (i % 2 === axis ? Math.min(least, x) : least), Infinity));
  const [right, bottom] = [0, 1].map((axis) => polygon.reduce((most, x, i) => (i % 2 === axis ? Math.max(most, x) : most), -Infinity));
  for (let i = 0; i < places.length; i += 2) {
    const [x, y] = [places[i]!, places[i + 1]!];
    if (x >= left! && x <= right! && y >= top! && y <= bottom! && isInside(x, y, polygon)) rows.push(i / 2);
  }
  return rows;
}

/** The ids of the rows of a frame; null where they are their own numbers. */
export function idsOf(frame: AtlasFrame): Uint32Array | null {
  const { count, total } = frame.header;
  const own = numbers(frame, "ids", "u4");
  if (own.length) return own;
  return count < total ? fairOrder(total).subarray(0, count) : null;
}

export function combine(old: Set<number>, picked: Iterable<number>, mode: Mode): Set<number> {
  if (mode === "replace") return new Set(picked);
  if (mode === "intersect") return new Set([...picked].filter((id) => old.has(id)));
  const result = new Set(old);
  for (const id of picked) mode === "add" ? result.add(id) : result.delete(id);
  return result;
}

/** A byte per row: whether it is selected. */
export function flagsOf(chosen: Set<number>, count: number, ids: Uint32Array | null): Uint8Array {
  const flags = new Uint8Array(count);
  for (let row = 0; row < count; row++) flags[row] = +chosen.has(ids ? ids[row]! : row);
  return flags;
}

/** Ids as the shorter of a list of uint32 and a bit per id, in base64. */
export function encode(chosen: Set<number>, named: boolean, total: number): Pick<AtlasSelection, "form" | "data"> {
  const mask = !named && 32 * chosen.size > total;
  const bytes = mask ? new Uint8Array(Math.ceil(total / 8)) : new Uint8Array(Uint32Array.from(chosen).buffer);
  if (mask) for (const id of chosen) bytes[id >> 3]! |= 1 << (id & 7);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { form: mask ? "mask" : "ids", data: btoa(text) };
}
