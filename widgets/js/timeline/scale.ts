import { short, ticks } from "../core/format.ts";
import type { Scale } from "./messages.ts";

/** Where a value lies along an axis; NaN where it cannot. */
export function warp(value: number, scale: Scale, knee: number): number {
  if (scale === "linear") return value;
  if (scale === "log") return value > 0 ? Math.log10(value) : NaN;
  return Math.sign(value) * Math.log10(1 + Math.abs(value) / knee);
}

/** The value at a place of an axis: the inverse of `warp`. */
export function unwarp(place: number, scale: Scale, knee: number): number {
  if (scale === "linear") return place;
  if (scale === "log") return 10 ** place;
  return Math.sign(place) * knee * (10 ** Math.abs(place) - 1);
}

export interface Tick {
  place: number;
  text: string;
}

/** About `wanted` places with their values, between two places of an axis. */
export function axisTicks(low: number, high: number, scale: Scale, knee: number, wanted: number): Tick[] {
  if (scale === "linear" || (scale === "log" && high - low < 1.2)) {
    const ends = [unwarp(low, scale, knee), unwarp(high, scale, knee)] as const;
    return ticks(ends[0], ends[1], wanted).map((value) => ({ place: warp(value, scale, knee), text: short(value, 6) }));
  }
  const zero = scale === "log" ? 0 : Math.round(Math.log10(knee));
  const stride = Math.max(1, Math.ceil((high - low) / wanted));
  const result: Tick[] = [];
  for (let decade = Math.ceil(low / stride) * stride; decade <= high; decade += stride) {
    const value = scale === "log" ? 10 ** decade : Math.sign(decade) * 10 ** (zero + Math.abs(decade));
    const place = warp(value, scale, knee);
    if (place >= low && place <= high) result.push({ place, text: short(value) });
  }
  return result;
}
