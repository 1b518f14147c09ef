import type { Chart, Layer } from "./series.ts";
import { bucketsIn } from "./series.ts";

export interface Lane {
  /** Places of its channels among those shown. */
  members: number[];
  top: number;
  bottom: number;
}

export interface Layout {
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Upper end of the strip with the whole run. */
  strip: number;
  lanes: Lane[];
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

const GUTTER = 56;
const GLYPHS = 20;
const AXIS = 20;
const STRIP = 34;
const LANE_AT_LEAST = 30;

/** The height that so many lanes need, or 0 while the usual one will do. */
export function heightFor(lanes: number): number {
  return lanes > 11 ? lanes * LANE_AT_LEAST + GLYPHS + AXIS + STRIP : 0;
}

/** Channels that share an axis share a lane; overlaid, all do. */
export function lanesOf(names: readonly string[], groups: Record<string, string[]>, overlay: boolean): number[][] {
  const lanes: Record<string, number[]> = {};
  names.forEach((name, i) => {
    const group = Object.keys(groups).find((key) => groups[key]!.includes(name));
    (lanes[overlay ? "" : group === undefined ? `c${name}` : `g${group}`] ??= []).push(i);
  });
  return Object.values(lanes);
}

/** `strip`: whether the whole run is drawn below. */
export function layOut(width: number, height: number, lanes: number[][], glyphs: boolean, strip: boolean): Layout {
  const top = glyphs ? GLYPHS : 6;
  const bottom = height - AXIS - (strip ? STRIP : 0);
  const each = (bottom - top) / lanes.length;
  const placed = lanes.map((members, i) => ({ members, top: top + i * each, bottom: top + (i + 1) * each }));
  return { left: GUTTER, right: width - 12, top, bottom, strip: bottom + AXIS, lanes: placed };
}

/** The part of an axis that holds what these channels do between two steps, with some room around it. */
export function axisRange({ fine, whole }: Pick<Chart, "fine" | "whole">, members: readonly number[], first: number, last: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  const widen = (layer: Layer, from: number, to: number): void => {
    if (from >= to && layer === whole) return;
    const [begin, end] = bucketsIn(layer, from, to);
    for (const c of members) {
      const row = layer.rows[c]!;
      for (let i = begin; i < end; i++) {
        for (const place of [row.low[i]!, row.high[i]!]) {
          if (place < low) low = place;
          if (place > high) high = place;
        }
      }
    }
  };
  widen(fine, first, last);
  widen(whole, first, Math.min(last, fine.edges[0]!));
  widen(whole, Math.max(first, fine.edges[fine.edges.length - 1]!), last);
  if (!(low <= high)) return [0, 1];
  const room = high > low ? (high - low) * 0.07 : Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}
