import { h } from "../core/dom.ts";
import { count, short } from "../core/format.ts";
import { GLYPHS } from "./paint.ts";
import { unwarp } from "./scale.ts";
import type { Chart, Layer, Row } from "./series.ts";
import { bucketsIn, mergeBuckets } from "./series.ts";

const MOST_ROWS = 50;
const MOST_READ = 12;
const NEAR = 7;

type Value = (place: number) => number;

/** Mean, least and largest of a bucket as words; one number where they are the same. */
export function valueText({ low, mean, high }: Row, i: number, value: Value = (place) => place): string {
  const [least, middle, most] = [value(low[i]!), value(mean[i]!), value(high[i]!)];
  if (middle !== middle) return "–";
  return least === most ? short(middle, 5) : `${short(middle, 4)} (${short(least, 4)} … ${short(most, 4)})`;
}

/** "1,024 … 1,087 · t 10.9" of a bucket. */
export function placeText({ edges, size }: Layer, i: number, time: number): string {
  const last = i + 2 < edges.length ? edges[i + 1]! - 1 : edges[i + 1]!;
  return `${count(edges[i]!)}${size > 1 && last > edges[i]! ? ` … ${count(last)}` : ""}${time === time ? ` · t ${short(time, 4)}` : ""}`;
}

/** The bucket of a step; of single samples the nearest one; −1 outside. */
export function nearest({ fine }: Chart, step: number): number {
  const { edges, size } = fine;
  const [i, end] = bucketsIn(fine, step, step);
  if (i === end) return -1;
  return size === 1 && i + 2 < edges.length && edges[i + 1]! - step < step - edges[i]! ? i + 1 : i;
}

/** What is under the crosshair: values around the active channel, and the events within a few pixels. */
export function readout(element: HTMLElement, chart: Chart, cross: number | null, x: (step: number) => number, colour: (name: string) => string, active: string): void {
  const i = cross === null ? -1 : nearest(chart, cross);
  element.hidden = i < 0;
  if (cross === null || i < 0) return;
  const { names, fine, scales, knees } = chart;
  const from = Math.max(0, Math.min(names.indexOf(active) - MOST_READ / 2, names.length - MOST_READ));
  const lines = names.slice(from, from + MOST_READ).map((name) => {
    const c = names.indexOf(name);
    const line = h("tr", { class: name === active && "stnb-active" }, h("th", { scope: "row" }, name), h("td", {}, valueText(fine.rows[c]!, i, (place) => unwarp(place, scales[c]!, knees[c]!))));
    line.style.setProperty("--stnb-hue", colour(name));
    return line;
  });
  const near = chart.events.filter(([step]) => Math.abs(x(step) - x(cross)) < NEAR).slice(0, 3);
  element.replaceChildren(
    `step ${placeText(fine, i, chart.times[i]!)}`,
    h("table", {}, ...lines),
    ...near.map(([step, label, kind]) => h("div", {}, `${GLYPHS[kind % 6]} ${count(step)} ${label}`)),
  );
}

/** The window as at most fifty lines that can be read aloud. */
export function dataTable(chart: Chart, first: number, last: number): HTMLElement {
  const { layer, times, group } = mergeBuckets(chart, first, last, MOST_ROWS);
  const caption = layer.size > 1 ? `${group > 1 ? "average of means" : "mean"} (least … largest) of ${count(layer.size)} samples each` : "every sample of the window";
  return h(
    "table",
    {},
    h("caption", {}, caption),
    h("tr", {}, ...["step", ...chart.names].map((head) => h("th", { scope: "col" }, head))),
    ...times.map((time, i) => h("tr", {}, h("th", { scope: "row" }, placeText(layer, i, time)), ...layer.rows.map((row) => h("td", {}, valueText(row, i))))),
  );
}

/** The buckets of the window as CSV, for a page without a kernel. */
export function csvOf(chart: Chart, first: number, last: number): string {
  const { layer, times } = mergeBuckets(chart, first, last, Infinity);
  const parts = ["least", "mean", "largest"];
  const heads = ["step", "time", ...chart.names.flatMap((name) => parts.map((part) => `"${name.replaceAll('"', '""')} ${part}"`))];
  const lines = times.map((time, i) =>
    [layer.edges[i]!, time, ...layer.rows.flatMap(({ low, mean, high }) => [low[i]!, mean[i]!, high[i]!])].map((x) => (x === x ? Number(x.toPrecision(9)) : "")),
  );
  return [heads, ...lines].join("\n") + "\n";
}
