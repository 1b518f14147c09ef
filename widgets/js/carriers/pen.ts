import { short, ticks } from "../core/format.ts";
import type { Theme } from "../core/theme.ts";
import type { Look } from "./look.ts";
import type { Shades } from "./shades.ts";
import type { Span } from "./span.ts";

const TURN = 2 * Math.PI;
const TINY = 2.5;

/** What every panel draws with, and where: its data lie in `x`, `y`, `w`, `h`. */
export interface Pen {
  c: CanvasRenderingContext2D;
  theme: Theme;
  ground: string;
  look: Look;
  shades: Shades;
  span: Span;
  list: string[];
  chosen: number[];
  radius: number;
  /** The place of the carrier that people look at, −1 for none. */
  focus: number;
  x: number;
  y: number;
  w: number;
  h: number;
}

/** A place on the picture for every carrier. */
export type Spots = [x: number, y: number][];

export function stroke({ c }: Pen, colour: string, path: () => void, width = 1, alpha = 1, dash: number[] = []): void {
  c.strokeStyle = colour;
  c.lineWidth = width;
  c.globalAlpha = alpha;
  c.setLineDash(dash);
  c.beginPath();
  path();
  c.stroke();
  c.setLineDash([]);
  c.globalAlpha = 1;
}

export function fill({ c }: Pen, colour: string, path: () => void, alpha = 1): void {
  c.fillStyle = colour;
  c.globalAlpha = alpha;
  c.beginPath();
  path();
  c.fill();
  c.globalAlpha = 1;
}

export function segment({ c }: Pen, x0: number, y0: number, x1: number, y1: number): void {
  c.moveTo(x0, y0);
  c.lineTo(x1, y1);
}

/** A circle, a diamond or a hexagon: volatile, stable, crystallized; what is very small is a square. */
export function shape({ c }: Pen, state: number, x: number, y: number, r: number): void {
  if (r < TINY) return c.rect(x - r, y - r, 2 * r, 2 * r);
  c.moveTo(x + (state ? 0 : r), y - (state ? r * 1.2 : 0));
  if (!state) c.arc(x, y, r, 0, TURN);
  const corners = state === 1 ? 4 : 6;
  for (let i = 1; state && i <= corners; i++) {
    const angle = TURN * (i / corners - 0.25);
    c.lineTo(x + r * 1.2 * Math.cos(angle), y + r * 1.2 * Math.sin(angle));
  }
}

/** Calls `draw` with a colour and the carriers of that colour. */
export function byColour({ chosen, list }: Pen, draw: (colour: string, places: number[]) => void): void {
  const groups: number[][] = [];
  chosen.forEach((shade, i) => (groups[shade] ??= []).push(i));
  groups.forEach((places, shade) => draw(list[shade]!, places));
}

export function symbols(pen: Pen, spots: Spots): void {
  byColour(pen, (colour, places) => {
    const all = (): void => places.forEach((i) => shape(pen, pen.look.state[i]!, ...spots[i]!, pen.radius));
    fill(pen, colour, all);
    if (pen.radius > 2) stroke(pen, pen.ground, all);
  });
}

export function words({ c, theme }: Pen, text: string, x: number, y: number, align: CanvasTextAlign = "left", bold = false): void {
  c.font = `${bold ? 600 : 400} 11px ui-sans-serif,system-ui,sans-serif`;
  c.textAlign = align;
  c.textBaseline = "middle";
  c.fillStyle = theme.ink;
  c.fillText(text, x, y);
}

/** Where things of these frequencies and heights stand in the panel. */
export function placed({ x, y, w, h, span }: Pen, omega: Float32Array, height: Float32Array, top: number): Spots {
  return Array.from(omega, (at, i) => [x + w * span.share(at), y + h * (1 - height[i]! / top)]);
}

/** Frequencies below the panel; at its left, if there is a `top`, numbers from 0 to that. */
export function axes(pen: Pen, top = 0): void {
  const { x, y, w, h, span, theme } = pen;
  const foot = y + h;
  stroke(pen, theme.faint, () => {
    segment(pen, x, foot, x + w, foot);
    for (const value of ticks(span.low, span.high, w / 90)) {
      const at = x + w * span.share(value);
      segment(pen, at, foot, at, foot + 4);
      if (at < x + w - 78) words(pen, short(value), at, foot + 13, "center");
    }
  });
  words(pen, "ω in rad/s", x + w, foot + 13, "right");
  for (const value of ticks(0, top, h / 44)) {
    const at = foot - (h * value) / top;
    stroke(pen, theme.faint, () => segment(pen, x, at, x + w, at), 1, 0.35);
    words(pen, short(value), x - 6, at, "right");
  }
}

/** Draw nothing beside the panel. */
export function clipped({ c, x, y, w, h }: Pen, draw: () => void): void {
  c.save();
  c.beginPath();
  c.rect(x, y - 8, w, h + 8);
  c.clip();
  draw();
  c.restore();
}
