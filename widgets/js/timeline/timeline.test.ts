import assert from "node:assert/strict";
import { test } from "node:test";
import schema from "../../stnb_widgets/static/scene.schema.json";
import { FIRST_KEYS, LAST_KEYS } from "../core/keys.ts";
import type { FrameHeader, Scene, State } from "../core/protocol.ts";
import { spectrumChart } from "./enquiries.ts";
import { KEYS } from "./keys.ts";
import { axisRange, lanesOf, layOut } from "./layout.ts";
import type { Harmonics, Scale, Table, TimelineFrame, TimelineHeader, TimelineScene, TimelineState } from "./messages.ts";
import { csvOf, nearest, placeText, valueText } from "./readout.ts";
import { axisTicks, unwarp, warp } from "./scale.ts";
import { bucketsIn, decodeFrame, mergeBuckets } from "./series.ts";
import { gapText, statusParts } from "./timeline.ts";
import type { WindowWish } from "./view.ts";
import { View } from "./view.ts";

type Own<T, Base> = Record<keyof Omit<T, keyof Base>, true>;

const timeline_frame: Own<TimelineHeader, FrameHeader> = {
  shown: true, scales: true, knees: true, bounds: true, whole_bounds: true, times: true, origin: true, stride: true, size: true,
  asked: true, total: true, holes: true, latest: true, kinds: true, events: true, event_total: true,
};
const timeline_scene: Own<TimelineScene, Scene> = { channels: true, groups: true };
const timeline_state: Own<TimelineState, State> = { window: true, span: true, shown: true, scales: true, brush: true };
const timeline_window: Own<WindowWish, object> = { first: true, last: true, span: true, width: true };
const timeline_harmonics: Own<Harmonics, object> = { channel: true, frequency: true, amplitude: true, peak: true, note: true };
const timeline_table: Own<Table, object> = { text: true, rows: true, note: true };

test("the types are those of scene.schema.json", () => {
  const own = { timeline_frame, timeline_scene, timeline_state, timeline_window, timeline_harmonics, timeline_table };
  for (const [name, keys] of Object.entries(own)) {
    const definition = schema.$defs[name as "timeline_frame"];
    assert.deepEqual(Object.keys(keys), definition.required, name);
    assert.deepEqual(Object.keys(definition.properties), definition.required, name);
  }
});

/** Two channels in four buckets of two samples; the second has a gap in bucket 2. */
function frame(change: Partial<TimelineHeader> = {}): TimelineFrame {
  const header: TimelineHeader = {
    type: "frame", seq: 1, number: 1, step: 107, time: 1.07, status: "calm", arrays: [],
    shown: ["a", "b"], scales: ["linear", "linear"], knees: [1, 1], bounds: [[0, 65534], [1, 1000]], whole_bounds: [[0, 65534], [1, 1000]],
    times: [1, 1.07], origin: 100, stride: 1, size: 2, asked: [100, 107], total: 8, holes: [0, 2], latest: [7, null],
    kinds: ["birth"], events: [[103, "one", 0]], event_total: 1, ...change,
  };
  const bytes = (array: Uint16Array | Uint32Array): Uint8Array => new Uint8Array(array.buffer);
  const codes = [0, 2, 4, 6, 0, 32767, 65535, 65534];
  return {
    header,
    arrays: {
      edges: bytes(Uint32Array.of(0, 2, 4, 6, 7)), times: bytes(Uint16Array.of(0, 20000, 40000, 60000, 65534)),
      low: bytes(Uint16Array.from(codes)), mean: bytes(Uint16Array.from(codes)),
      high: bytes(Uint16Array.from(codes, (code) => (code > 60000 ? code : code + 1))), holes: Uint8Array.of(0, 4),
      whole_edges: bytes(Uint32Array.of(0, 4, 7)), whole_low: bytes(Uint16Array.of(0, 4, 0, 65534)),
      whole_high: bytes(Uint16Array.of(3, 7, 32767, 65534)),
    },
  };
}

test("codes become places along the axis, and gaps stay gaps", () => {
  const chart = decodeFrame(frame(), {});
  assert.deepEqual([...chart.fine.edges], [100, 102, 104, 106, 107]);
  assert.deepEqual([...chart.fine.rows[0]!.low], [0, 2, 4, 6]);
  assert.deepEqual([...chart.fine.rows[1]!.mean], [1, 500.5, NaN, 1000]);
  assert.deepEqual([0, 1, 2, 3].map((i) => chart.fine.rows[1]!.broken(i)), [false, false, true, false]);
  assert.deepEqual([...chart.whole.rows[0]!.high], [3, 7]);
  const log = decodeFrame(frame(), { b: "log" });
  assert.equal(log.scales[1], "log");
  assert.ok(Math.abs(log.fine.rows[1]!.mean[3]! - 3) < 1e-12);
  assert.ok(Number.isNaN(decodeFrame(frame(), { a: "log" }).fine.rows[0]!.low[0]!), "nothing at 0 on a logarithmic axis");
});

test("axes: what was bent comes back, and ticks are round values inside", () => {
  for (const scale of ["linear", "log", "symlog"] as Scale[]) {
    for (const value of [-3e5, -2, -1e-4, 0, 1e-7, 0.5, 12, 4e9]) {
      const place = warp(value, scale, 1e-3);
      if (scale === "log" && value <= 0) assert.ok(Number.isNaN(place));
      else assert.ok(Math.abs(unwarp(place, scale, 1e-3) - value) <= 1e-9 * Math.abs(value) + 1e-15, `${scale} ${value}`);
    }
  }
  assert.deepEqual(axisTicks(-3, 1, "log", 1, 5).map(({ text }) => text), ["0.001", "0.01", "0.1", "1", "10"]);
  const around = axisTicks(-2.5, 2.5, "symlog", 1, 6);
  assert.deepEqual(around.map(({ text }) => text), ["−100", "−10", "0", "10", "100"]);
  assert.ok(Math.abs(around[3]!.place - Math.log10(11)) < 1e-12);
  assert.deepEqual(axisTicks(5, 5, "linear", 1, 4), []);
});

test("the window pans and zooms around a place, and follows the newest steps", () => {
  const view = new View();
  view.setRun(0, 1000);
  assert.deepEqual([view.first, view.last], [0, 1000]);
  view.zoom(4, 0.25);
  assert.deepEqual([view.first, view.last, view.following], [187.5, 437.5, false]);
  view.pan(100);
  assert.deepEqual([view.first, view.last], [287.5, 537.5]);
  view.setRun(0, 2000);
  assert.deepEqual([view.first, view.last], [287.5, 537.5]);
  view.followOn();
  assert.deepEqual([view.first, view.last], [1750, 2000]);
  view.setRun(0, 2100);
  assert.deepEqual([view.first, view.last], [1850, 2100]);
  assert.deepEqual(view.wish(640), { first: null, last: null, span: 250, width: 640 });
  view.zoom(2);
  assert.deepEqual([view.span, view.last], [125, 2100]);
  view.zoom(1e-6, 0.5);
  assert.deepEqual([view.first, view.last, view.span], [0, 2100, null]);
  view.zoom(1e9, 0.5);
  assert.equal(view.length, 4);
  view.home();
  assert.deepEqual([view.first, view.following], [0, false]);
  view.pan(-1e9);
  assert.ok(view.last > 0, "a part of the run stays in sight");
});

test("lanes are shared by groups, and by all when overlaid; an axis holds what is seen", () => {
  const groups = { energy: ["a", "c"] };
  assert.deepEqual(lanesOf(["a", "b", "c"], groups, false), [[0, 2], [1]]);
  assert.deepEqual(lanesOf(["a", "b", "c"], groups, true), [[0, 1, 2]]);
  const { lanes, bottom } = layOut(400, 300, [[0], [1]], true, true);
  assert.equal(lanes[1]!.bottom, bottom);
  const chart = decodeFrame(frame(), {});
  const [low, high] = axisRange(chart, [0], 102, 105);
  assert.ok(low < 2 && low > 1 && high > 5 && high < 6);
  assert.deepEqual(axisRange(decodeFrame(frame({ bounds: [[3, 3], [3, 3]] }), {}), [0], 100, 107).map((x) => Number(x.toFixed(6))), [2.7, 3.3]);
});

test("what is read out is what is there", () => {
  const chart = decodeFrame(frame(), {});
  assert.deepEqual([99, 100, 103, 107, 108].map((step) => nearest(chart, step)), [-1, 0, 1, 3, -1]);
  assert.equal(placeText(chart.fine, 1, chart.times[1]!), "102 … 103 · t 1.021");
  assert.equal(valueText(chart.fine.rows[0]!, 1), "2 (2 … 3)");
  assert.equal(valueText(chart.fine.rows[1]!, 2), "–");
  assert.deepEqual(bucketsIn(chart.fine, 103, 104), [1, 3]);
  assert.deepEqual(bucketsIn(chart.fine, 200, 300), [0, 0]);
});

test("merged buckets keep the extremes, and fall back to CSV without a kernel", () => {
  const chart = decodeFrame(frame(), {});
  const { layer, times, group } = mergeBuckets(chart, 100, 107, 2);
  assert.equal(group, 2);
  assert.deepEqual([...layer.edges], [100, 104, 107]);
  assert.deepEqual([...layer.rows[0]!.low], [0, 4]);
  assert.deepEqual([...layer.rows[1]!.high].map((x) => Number(x.toFixed(3))), [500.515, 1000]);
  assert.equal(times.length, 2);
  const lines = csvOf(chart, 100, 107).trim().split("\n");
  assert.equal(lines[0], 'step,time,"a least","a mean","a largest","b least","b mean","b largest"');
  assert.deepEqual(lines[3], "104,1.04272591,4,4,5,,,");
  assert.equal(lines.length, 5);
});

test("the status line says how much is shown and what is missing", () => {
  assert.deepEqual(statusParts(frame(), { first: 100, last: 107 }), ["step 107", "t 1.07", "8 samples", "shown 100 … 107", "calm"]);
  const many = statusParts(frame({ event_total: 2000, time: null, status: "" }), { first: 0, last: 1 });
  assert.deepEqual(many, ["step 107", "t –", "8 samples", "shown 0 … 1", "1 of 2,000 events"]);
  assert.equal(gapText(frame()), "2 not finite in b");
  assert.equal(gapText(frame({ holes: [0, 0] })), "");
});

test("a spectrum is a chart over frequency", () => {
  const chart = spectrumChart({ channel: "a", frequency: [0, 0.25, 0.5], amplitude: [0, 2, 1], peak: [0.25, 2], note: "" });
  assert.deepEqual([...chart.fine.edges], [0, 0.25, 0.5, 0.5]);
  const [low, high] = axisRange(chart, [0], 0, 0.5);
  assert.ok(low < 0 && high > 2);
});

test("every key has one action", () => {
  const all = [...FIRST_KEYS, ...KEYS, ...LAST_KEYS].flatMap((entry) => [...entry.keys]);
  assert.equal(new Set(all).size, all.length);
});
