import type { Lifetime } from "../core/model.ts";
import type { Theme } from "../core/theme.ts";
import type { Look } from "./look.ts";
import { lookAt, most } from "./look.ts";
import type { CarriersFrame, Mode } from "./messages.ts";
import { Past } from "./past.ts";
import type { Pen, Spots } from "./pen.ts";
import { segment, shape, stroke, words } from "./pen.ts";
import type { Shades } from "./shades.ts";
import { shadesFor, shadesOf } from "./shades.ts";
import { Span } from "./span.ts";
import { spectrum } from "./spectrum.ts";
import { waterfallOf } from "./waterfall.ts";
import { waves } from "./waves.ts";
import { wheel } from "./wheel.ts";

export const PANELS = { all: "All", spectrum: "Spectrum |C|", phases: "Phases", waterfall: "Waterfall |C|", waves: "Wave space √E" };
export type Panel = keyof typeof PANELS;
const SIDE_BY_SIDE = 700;
const RING_MS = 900;
const MOST_RINGS = 48;

/** What people chose, here or in a linked widget. */
export interface Choice {
  panel: Panel;
  mode: Mode;
  picked: number | null;
  hovered: number | null;
  pins: Set<number>;
  /** Particles that were selected elsewhere, or that the pointer rests on. */
  marked: Set<number>;
  moment: number | null;
  brush: [number, number] | null;
}

export interface Place {
  panel: Panel;
  area: Pick<Pen, "x" | "y" | "w" | "h">;
  spots?: Spots;
}

interface Ring {
  omega: number;
  amplitude: number;
  born: boolean;
  start: number;
}

function place(panel: Panel, x: number, y: number, w: number, h: number): Place {
  const [left, right, foot] = panel === "phases" ? [14, 14, 10] : [46, 20, 26];
  return { panel, area: { x: x + left, y: y + 30, w: w - left - right, h: h - 30 - foot } };
}

/** Where each panel stands: one alone, or spectrum over waterfall beside phases over wave space. */
export function layOut(panel: Panel, w: number, h: number): Place[] {
  if (w < SIDE_BY_SIDE || panel !== "all") return [place(panel === "all" ? "spectrum" : panel, 0, 0, w, h)];
  const [x, y] = [Math.round(w * 0.6), Math.round(h * 0.56)];
  return [
    place("spectrum", 0, 0, x, y),
    place("waterfall", 0, y, x, h - y),
    place("phases", x, 0, w - x, y),
    place("waves", x, y, w - x, h - y),
  ];
}

/** Short rings open where a carrier was born, and close, dashed, where one is gone. */
export function ringsOf(before: Look, after: Look, start: number): Ring[] {
  const fresh = (look: Look, other: Look, born: boolean): Ring[] =>
    [...look.uid.keys()].filter((i) => !other.place.has(look.uid[i]!)).map((i) => ({ omega: look.omega[i]!, amplitude: look.amplitude[i]!, born, start }));
  return [...fresh(after, before, true), ...fresh(before, after, false)];
}

/** A little above the strongest; it comes down only when much is free above. */
export function ceiling(strongest: number, before: number): number {
  return strongest > before || strongest < 0.4 * before ? strongest * 1.1 || 1 : before;
}

/** The canvas and what it shows; it draws when something changed, and sleeps otherwise. */
export interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly choice: Choice;
  readonly span: Span;
  readonly past: Past;
  shades: Shades;
  look: Look | null;
  places: Place[];
  /** The far end of the colour scale. */
  scale: number;
  /** The carrier that people look at: under the pointer, or else the one that was picked. */
  focus(): number | null;
  /** The place of a carrier in the newest frame, −1 if it is not there. */
  find(uid: number | null): number;
  setTheme(theme: Theme): void;
  setVisible(visible: boolean): void;
  /** `again`: an old frame that is seen once more. */
  show(frame: CarriersFrame, again: boolean): void;
  invalidate(): void;
}

export function pictureOn(canvas: HTMLCanvasElement, choice: Choice, drawn: () => void, lifetime: Lifetime): Picture {
  const c = canvas.getContext("2d")!;
  const [span, past, fall] = [new Span(), new Past(), waterfallOf()];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let theme: Theme;
  let rings: Ring[] = [];
  let [top, scheduled] = [1, 0];
  let [visible, untold, stale] = [false, false, true];

  const picture: Picture = {
    canvas, choice, span, past, shades: shadesFor(false), look: null, places: [], scale: 1,
    focus: () => choice.hovered ?? choice.picked,
    find: (uid) => picture.look?.place.get(uid ?? -1) ?? -1,
    setTheme(next) {
      theme = next;
      picture.shades = shadesFor(next.dark);
      stale = true;
      invalidate();
    },
    setVisible(next) {
      visible = next;
      invalidate();
    },
    show(frame, again) {
      const [next, now, { look }] = [lookAt(frame), performance.now(), picture];
      const more = look && next.header.step > look.header.step && !calm.matches ? ringsOf(look, next, now) : [];
      if (more.length <= MOST_RINGS) rings = [...rings, ...more].slice(-MOST_RINGS);
      picture.look = next;
      span.setBand(next.header.band);
      past.add(next, again);
      untold = stale = true;
      invalidate();
    },
    invalidate,
  };

  const sizes = new ResizeObserver(invalidate);
  sizes.observe(canvas);
  lifetime.add(() => {
    sizes.disconnect();
    visible = false;
    cancelAnimationFrame(scheduled);
  });

  function invalidate(): void {
    if (!scheduled && visible) scheduled = requestAnimationFrame(draw);
  }

  function draw(): void {
    scheduled = 0;
    const now = performance.now();
    const { look } = picture;
    rings = rings.filter(({ start }) => now - start < RING_MS);
    if (look && theme) compose(look, now);
    if (untold) drawn();
    untold = false;
    if (rings.length) invalidate();
  }

  function compose(look: Look, now: number): void {
    const { shades } = picture;
    const { clientWidth: width, clientHeight: height } = canvas;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (!columns || !rows) return;
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    top = ceiling(most(look.amplitude), top);
    if (stale) fall.paint(past, shades.table, top);
    stale = false;
    const [list, chosen, scale] = shadesOf(shades, look, choice.mode);
    picture.scale = scale;
    const count = look.uid.length;
    picture.places = layOut(choice.panel, width, height);
    for (const one of picture.places) {
      const { panel, area } = one;
      const pen: Pen = {
        c, look, shades, span, list, chosen, theme, ...area,
        ground: `rgb(${theme.ground.map((x) => 255 * x).join()})`,
        radius: count > 1500 ? 2 : count > 300 ? 3 : 5,
        focus: look.place.get(picture.focus() ?? -1) ?? -1,
      };
      words(pen, PANELS[panel], area.x, area.y - 16, "left", true);
      if (panel === "spectrum") one.spots = spectrum(pen, top, () => ripple(pen, now));
      if (panel === "phases") one.spots = wheel(pen, past);
      if (panel === "waves") one.spots = waves(pen, choice.marked);
      if (panel === "waterfall") fall.draw(pen, past, choice);
      mark(pen, one);
    }
  }

  function ripple(pen: Pen, now: number): void {
    for (const { omega, amplitude, born, start } of rings) {
      const share = (now - start) / RING_MS;
      const [x, y] = [pen.x + pen.w * span.share(omega), pen.y + pen.h * (1 - amplitude / top)];
      stroke(pen, theme.ink, () => shape(pen, 0, x, y, 4 + 18 * (born ? share : 1 - share)), 1.5, 1 - share, born ? [] : [3, 3]);
    }
  }

  /** Rings and numbers of those that are looked at, picked or pinned; lines where a panel has no symbols. */
  function mark(pen: Pen, { spots }: Place): void {
    const { look, x, y, w, h, focus, radius } = pen;
    const upright = (omega: number, dash: number[]): void => {
      const at = x + w * span.share(omega);
      if (at >= x && at <= x + w) stroke(pen, theme.ink, () => segment(pen, at, y, at, y + h), 1, 0.7, dash);
    };
    for (const uid of new Set([...choice.pins, choice.picked, picture.focus()])) {
      const at = look.place.get(uid ?? -1);
      if (at === undefined) continue;
      const spot = spots?.[at];
      if (!spot) upright(look.omega[at]!, at === focus ? [] : [4, 3]);
      else if (spot[0] >= x - 9 && spot[0] <= x + w + 9) {
        stroke(pen, theme.ink, () => shape(pen, look.state[at]!, ...spot, radius + 4), at === focus ? 2 : 1);
        words(pen, String(uid), spot[0] + 10, spot[1] - 10, "left", true);
      }
    }
  }

  return picture;
}
