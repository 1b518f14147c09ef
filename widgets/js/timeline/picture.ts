import { categoryColour } from "../core/colours.ts";
import { count, short, ticks } from "../core/format.ts";
import type { Lifetime } from "../core/model.ts";
import type { Theme } from "../core/theme.ts";
import type { Lane, Layout } from "./layout.ts";
import { axisRange, clamp, lanesOf, layOut } from "./layout.ts";
import type { TimelineScene } from "./messages.ts";
import { DASHES, GLYPHS, block, paintBand, paintGaps, paintLine, word } from "./paint.ts";
import { axisTicks } from "./scale.ts";
import type { Chart } from "./series.ts";

/** What is seen of the steps. */
export interface Sight {
  first: number;
  last: number;
  run: [number, number];
}

/** What is marked, and how the channels are laid out. */
export interface Look {
  active: string;
  overlay: boolean;
  cross: number | null;
  moment: number | null;
  brush: readonly [number, number] | null;
}

export interface Picture {
  layout(): Layout;
  show(chart: Chart): void;
  setTheme(theme: Theme): void;
  setVisible(visible: boolean): void;
  /** Draw before the next picture of the browser. */
  invalidate(): void;
  colour(name: string): string;
  /** Pixels of a step, and the step of a pixel. */
  x(step: number): number;
  step(x: number): number;
}

const FONT = "11px system-ui,sans-serif";
/** A lane as high as this has its labels above its lines; in a lower one they stand on them. */
const HEADED = 46;

/** A canvas that draws the chart and what is marked on it when something changed, and sleeps otherwise. */
export function picture(canvas: HTMLCanvasElement, scene: TimelineScene, sight: Sight, look: Look, strip: boolean, drawn: () => void, lifetime: Lifetime): Picture {
  const ink = canvas.getContext("2d", { willReadFrequently: true })!;
  const names = Object.keys(scene.channels);
  let chart: Chart | null = null;
  let theme: Theme = { dark: false, ink: "#000", faint: "#888", ground: [1, 1, 1] };
  let alarm = "";
  let [scheduled, visible, untold] = [0, false, false];
  let layout = layOut(0, 0, [[]], false, strip);
  const colour = (name: string): string => categoryColour(names.indexOf(name), theme.dark);
  const plain = (alpha: number, x: number, y: number, width: number, height: number): void => block(ink, theme.ink, alpha, x, y, width, height);
  const note = (text: string, x: number, y: number, align: CanvasTextAlign): void => word(ink, theme.ink, 0.75, text, x, y, align);
  const axis = (first: number, last: number) => (step: number): number => {
    const { left, right } = layout;
    return left + ((step - first) / (last - first || 1)) * (right - left);
  };
  const x = (step: number): number => axis(sight.first, sight.last)(step);
  const held = (at: number): number => clamp(at, layout.left, layout.right);
  const height = (low: number, high: number, top: number, bottom: number) => (place: number): number =>
    clamp(bottom - ((place - low) / (high - low)) * (bottom - top), top, bottom);
  const clipped = (left: number, top: number, right: number, bottom: number, paint: () => void): void => {
    ink.save();
    ink.beginPath();
    ink.rect(left, top, Math.max(0, right - left), bottom - top);
    ink.clip();
    paint();
    ink.restore();
  };

  const paintLane = ({ names, scales, knees, fine, whole }: Chart, { members, top: above, bottom: below }: Lane): void => {
    const { left, right } = layout;
    const { first, last } = sight;
    const labelled = look.overlay ? 0 : below - above;
    const [top, bottom] = [above + (labelled > HEADED ? 17 : 3), below - 3];
    const shared = !look.overlay || new Set(members.map((c) => [scene.channels[names[c]!], scales[c], scales[c] === "symlog" && knees[c]].join())).size < 2;
    const [low, high] = axisRange({ fine, whole }, members, first, last);
    const y = height(low, high, top, bottom);
    plain(0.16, left, Math.round(below), right - left, 1);
    if (shared) {
      let free = Infinity;
      for (const { place, text } of axisTicks(low, high, scales[members[0]!]!, knees[members[0]!]!, (bottom - top) / 22)) {
        const at = Math.round(y(place));
        if (at < top + 4 || at > bottom - 3 || free - at < 12) continue;
        free = at;
        note(text, left - 6, at + 4, "right");
        plain(0.08, left, at, right - left, 1);
      }
    }
    let across = left + 9;
    members.forEach((c, i) => {
      const name = names[c]!;
      const hue = colour(name);
      const own = shared ? y : height(...axisRange({ fine, whole }, [c], first, last), top, bottom);
      const [start, end] = [x(fine.edges[0]!), x(fine.edges[fine.edges.length - 1]!)];
      for (const [from, to] of [[left, Math.min(right, start)], [Math.max(left, end), right]] as const) {
        if (from < to) clipped(from, above, to, below, () => paintBand(ink, whole, c, x, own, [first, last], hue, 0.18));
      }
      clipped(left, above, right, below, () => {
        if (fine.size > 1) paintBand(ink, fine, c, x, own, [first, last], hue, 0.3);
        paintLine(ink, fine, c, x, own, [first, last], hue, DASHES[i % 4]!, name === look.active ? 2 : 1.4);
        paintGaps(ink, fine, c, x, top, bottom, [first, last], alarm);
      });
      if (labelled < 20) return;
      const text = [name, scene.channels[name], scales[c] === "linear" ? "" : `· ${scales[c]}`].filter(Boolean).join(" ");
      ink.font = name === look.active ? `600 ${FONT}` : FONT;
      const wide = ink.measureText(text).width;
      block(ink, `rgb(${theme.ground.map((part) => 255 * part).join(" ")})`, 0.78, across - 4, above + 2, wide + 8, 15);
      word(ink, hue, 1, text, across, above + 13, "left");
      if (name === look.active) block(ink, hue, 1, left, above + 3, 3, bottom - above - 3);
      ink.font = FONT;
      across += wide + 16;
    });
    if (!shared) note("each on its own axis", left + 6, top + 11, "left");
  };

  const paintStrip = (chart: Chart): void => {
    const { left, right, strip: top } = layout;
    const [first, last] = sight.run;
    const along = axis(first, last);
    const c = Math.max(0, chart.names.indexOf(look.active));
    const y = height(...axisRange({ ...chart, fine: chart.whole }, [c], first, last), top + 3, top + 25);
    const hue = colour(chart.names[c]!);
    paintBand(ink, chart.whole, c, along, y, sight.run, hue, 0.6);
    paintLine(ink, chart.whole, c, along, y, sight.run, hue, [], 1);
    const at = (step: number): number => held(along(step));
    const [from, to] = [at(sight.first), at(sight.last)];
    if (look.brush) plain(0.6, at(look.brush[0]), top + 26, Math.max(2, at(look.brush[1]) - at(look.brush[0])), 2);
    if (look.moment !== null) plain(1, at(look.moment) - 1, top, 2, 28);
    plain(0.14, left, top, from - left, 28);
    plain(0.14, to, top, right - to, 28);
    ink.strokeStyle = theme.ink;
    ink.lineWidth = 1;
    ink.strokeRect(from + 0.5, top + 0.5, Math.max(2, to - from - 1), 27);
  };

  const compose = (chart: Chart, width: number, all: number): void => {
    const { events } = chart;
    layout = layOut(width, all, lanesOf(chart.names, scene.groups, look.overlay), events.length > 0, strip);
    const { left, right, top, bottom, lanes } = layout;
    ink.font = FONT;
    if (look.brush) {
      const [from, to] = look.brush.map((step) => held(x(step))) as [number, number];
      plain(0.1, from, top, to - from, bottom - top);
      plain(0.6, from, top, 1, bottom - top);
      plain(0.6, to - 1, top, 1, bottom - top);
    }
    for (const step of ticks(sight.first, sight.last, width / 120)) {
      const text = Number.isInteger(step) ? count(step) : short(step, 6);
      const half = ink.measureText(text).width / 2;
      plain(0.08, Math.round(x(step)), top, 1, bottom - top);
      note(text, clamp(x(step), left + half, right - half), bottom + 14, "center");
    }
    for (const lane of lanes) paintLane(chart, lane);
    for (const [step, , kind] of events) {
      const at = x(step);
      if (at < left || at > right) continue;
      for (let y = top; y < bottom; y += 5) plain(0.3, Math.round(at), y, 1, 2);
      word(ink, categoryColour(kind + 1, theme.dark), 1, GLYPHS[kind % 6]!, at, top - 5, "center");
    }
    for (const [step, wide] of [[look.cross, 1], [look.moment, 3]] as const) {
      if (step !== null && held(x(step)) === x(step)) plain(1, Math.round(x(step)), top, wide, bottom - top);
    }
    if (strip) paintStrip(chart);
  };

  const draw = (): void => {
    scheduled = 0;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width && chart) {
      const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== columns) canvas.width = columns;
      if (canvas.height !== rows) canvas.height = rows;
      ink.setTransform(ratio, 0, 0, ratio, 0, 0);
      ink.clearRect(0, 0, width, height);
      compose(chart, width, height);
    }
    if (untold) drawn();
    untold = false;
  };
  const invalidate = (): void => {
    if (!scheduled && visible && !lifetime.ended) scheduled = requestAnimationFrame(draw);
  };
  const sizes = new ResizeObserver(invalidate);
  sizes.observe(canvas);
  lifetime.add(() => {
    sizes.disconnect();
    cancelAnimationFrame(scheduled);
  });
  return {
    layout: () => layout,
    colour,
    x,
    invalidate,
    step: (at) => sight.first + ((at - layout.left) / (layout.right - layout.left)) * (sight.last - sight.first),
    show(next) {
      chart = next;
      untold = true;
      invalidate();
    },
    setTheme(next) {
      theme = next;
      alarm = getComputedStyle(canvas).getPropertyValue("--stnb-alarm");
      invalidate();
    },
    setVisible(now) {
      visible = now;
      invalidate();
    },
  };
}
