import { LOST, numbers } from "../core/protocol.ts";
import type { Scale, TimelineFrame } from "./messages.ts";
import { unwarp, warp } from "./scale.ts";

/** Least, mean and largest of the buckets of one channel as places along its axis; NaN where there is nothing. */
export interface Row {
  low: Float64Array;
  mean: Float64Array;
  high: Float64Array;
  /** Whether bucket i holds a sample that is not finite. */
  broken(i: number): boolean;
}

/** Buckets of `size` samples; `edges` has the step where each begins, and where the last one ends. */
export interface Layer {
  size: number;
  edges: Float64Array;
  rows: Row[];
}

/** What is drawn: channels in a window, and in the whole run. */
export interface Chart {
  names: string[];
  scales: Scale[];
  knees: number[];
  fine: Layer;
  whole: Layer;
  times: Float64Array;
  events: readonly [step: number, label: string, kind: number][];
}

/** Decode a frame for the axes that are wanted, which may be others than those it was made for. */
export function decodeFrame(frame: TimelineFrame, wanted: Record<string, Scale>): Chart {
  const { shown, scales, knees, origin, stride, bounds, whole_bounds, times, size, events } = frame.header;
  const to = shown.map((name, c) => wanted[name] ?? scales[c]!);
  const steps = (name: string): Float64Array => Float64Array.from(numbers(frame, name, "u4"), (edge) => origin + edge * stride);
  const decode = (name: string, c: number, count: number, [low, high]: readonly [number, number], from: Scale, into: Scale): Float64Array =>
    Float64Array.from(numbers(frame, name, "u2").subarray(c * count, (c + 1) * count), (code) => {
      const place = code === LOST ? NaN : low * (1 - code / 65534) + (high * code) / 65534;
      return from === into ? place : warp(unwarp(place, from, knees[c]!), into, knees[c]!);
    });
  const layer = (prefix: string, size: number, ends: [number, number][], middle: string): Layer => {
    const edges = steps(`${prefix}edges`);
    const count = Math.max(0, edges.length - 1);
    const bits = prefix ? [] : numbers(frame, "holes", "u1");
    const rows = shown.map((_, c): Row => {
      const part = (name: string): Float64Array => decode(prefix + name, c, count, ends[c]!, scales[c]!, to[c]!);
      const at = c * Math.ceil(count / 8);
      return { low: part("low"), mean: part(middle), high: part("high"), broken: (i) => (((bits[at + (i >> 3)] ?? 0) >> (i & 7)) & 1) > 0 };
    });
    return { size, edges, rows };
  };
  const fine = layer("", size, bounds, "mean");
  return {
    names: shown, scales: to, knees, fine, events,
    whole: layer("whole_", 2, whole_bounds, "high"),
    times: decode("times", 0, fine.edges.length, times, "linear", "linear"),
  };
}

/** The bucket that holds a step: the last one that begins at or before it; the ends outside. */
export function bucketAt({ edges }: Layer, step: number): number {
  let [low, high] = [0, edges.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle]! <= step) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Buckets that touch the steps first ... last, as a range of places. */
export function bucketsIn(layer: Layer, first: number, last: number): [from: number, to: number] {
  const { edges } = layer;
  const outside = edges.length < 2 || last < edges[0]! || first > edges[edges.length - 1]!;
  return outside ? [0, 0] : [bucketAt(layer, first), bucketAt(layer, last) + 1];
}

/** Every `group` buckets of a window as one, in values; the average of means that are there. */
export function mergeBuckets({ fine, times, knees, scales }: Chart, first: number, last: number, most: number): { layer: Layer; times: number[]; group: number } {
  const [from, to] = bucketsIn(fine, first, last);
  const group = Math.max(1, Math.ceil((to - from) / most));
  const starts: number[] = [];
  for (let i = from; i < to; i += group) starts.push(i);
  const fold = (part: Float64Array, c: number, join: (values: Float64Array) => number): Float64Array =>
    Float64Array.from(starts, (i) => {
      const values = part.subarray(i, Math.min(to, i + group)).map((place) => unwarp(place, scales[c]!, knees[c]!)).filter((x) => x === x);
      return values.length ? join(values) : NaN;
    });
  const rows = fine.rows.map(({ low, mean, high, broken }, c): Row => ({
    low: fold(low, c, (all) => Math.min(...all)),
    mean: fold(mean, c, (all) => all.reduce((sum, x) => sum + x) / all.length),
    high: fold(high, c, (all) => Math.max(...all)),
    broken,
  }));
  const edges = Float64Array.from(starts.length ? [...starts, to] : [], (i) => fine.edges[i]!);
  return { layer: { size: fine.size * group, edges, rows }, times: starts.map((i) => times[i]!), group };
}
