import { count } from "../core/format.ts";
import { EVENTS } from "./messages.ts";
import type { Past } from "./past.ts";
import { BINS, ROWS } from "./past.ts";
import type { Pen } from "./pen.ts";
import type { Choice } from "./picture.ts";
import { axes, segment, stroke, words } from "./pen.ts";

export interface Waterfall {
  /** Paint every row anew: nothing is transparent, `top` and more is the bright end of the map. */
  paint(past: Past, table: Uint8Array, top: number): void;
  /** With the moment that everybody shows as a line, and a window of steps as a veil. */
  draw(pen: Pen, past: Past, choice: Pick<Choice, "moment" | "brush">): void;
}

/** The picture of the past: `ROWS` lines of `BINS` pixels, the newest on top. */
export function waterfallOf(): Waterfall {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d")!;
  canvas.width = BINS;
  canvas.height = ROWS;
  const image = context.createImageData(BINS, ROWS);

  function paint({ rows }: Past, table: Uint8Array, top: number): void {
    const bytes = table.slice();
    for (let i = 0; i < 256; i++) bytes[4 * i + 3] = Math.min(255, 4 * i);
    const colours = new Uint32Array(bytes.buffer);
    const pixels = new Uint32Array(image.data.buffer);
    pixels.fill(0);
    rows.forEach(({ cells }, row) => {
      const at = (rows.length - 1 - row) * BINS;
      for (let bin = 0; bin < BINS; bin++) if (cells[bin]! > 0) pixels[at + bin] = colours[Math.min(255, (255 * cells[bin]!) / top) | 0]!;
    });
    context.putImageData(image, 0, 0);
  }

  function draw(pen: Pen, past: Past, { moment, brush }: Pick<Choice, "moment" | "brush">): void {
    const { c, x, y, w, h, span, theme, look } = pen;
    const [low, high] = past.band;
    const { rows, shown } = past;
    const scale = BINS / (high - low);
    c.imageSmoothingEnabled = false;
    c.drawImage(canvas, (span.low - low) * scale, 0, (span.high - span.low) * scale, shown, x, y, w, h);
    axes(pen);
    if (!rows.length) return;
    const height = (step: number): number => y + h * past.depth(Math.min(rows.length - 1, past.index(step)));
    const first = rows[Math.max(0, rows.length - shown)]!.step;
    words(pen, count(rows[rows.length - 1]!.step), x - 6, y + 5, "right");
    if (height(first) > y + 20) words(pen, count(first), x - 6, height(first), "right");
    const signs = new Map(
      look.header.events.filter(([, step]) => step >= first).map(([kind, step]) => [Math.round(height(step) / 10) * 10, EVENTS[kind]]),
    );
    for (const [at, sign] of signs) words(pen, sign, x + w + 9, at, "center", true);
    if (brush) stroke(pen, theme.ink, () => segment(pen, x + w / 2, height(brush[1]) - 1, x + w / 2, height(brush[0]) + 1), w, 0.14);
    if (moment !== null) stroke(pen, theme.ink, () => segment(pen, x - 4, height(moment), x + w + 4, height(moment)), 1.5);
  }

  return { paint, draw };
}
