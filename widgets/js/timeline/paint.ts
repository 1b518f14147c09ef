import type { Layer } from "./series.ts";
import { bucketsIn } from "./series.ts";

export type Ink = CanvasRenderingContext2D;
type Place = (value: number) => number;

export const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 2.5], [9, 3, 2, 3]];
export const GLYPHS = "●▲◆■★▼";

export function block(ink: Ink, colour: string, alpha: number, x: number, y: number, width: number, height: number): void {
  ink.fillStyle = colour;
  ink.globalAlpha = alpha;
  ink.fillRect(x, y, width, height);
  ink.globalAlpha = 1;
}

export function word(ink: Ink, colour: string, alpha: number, text: string, x: number, y: number, align: CanvasTextAlign): void {
  ink.fillStyle = colour;
  ink.globalAlpha = alpha;
  ink.textAlign = align;
  ink.fillText(text, x, y);
  ink.globalAlpha = 1;
}

/** Columns from least to largest, joined to one outline for each stretch without a gap. */
export function paintBand(ink: Ink, layer: Layer, c: number, x: Place, y: Place, [first, last]: readonly [number, number], colour: string, alpha: number): void {
  const { edges, rows } = layer;
  const { low, high } = rows[c]!;
  const [from, to] = bucketsIn(layer, first, last);
  ink.fillStyle = colour;
  ink.globalAlpha = alpha;
  ink.beginPath();
  for (let i = from; i < to; i++) {
    const begin = i;
    for (; i < to && high[i]! === high[i]!; i++) {
      const top = y(high[i]!);
      ink.lineTo(x(edges[i]!), top);
      ink.lineTo(x(edges[i + 1]!), top);
    }
    for (let j = i - 1; j >= begin; j--) {
      const foot = y(low[j]! === low[j]! ? low[j]! : -Infinity);
      ink.lineTo(x(edges[j + 1]!), foot);
      ink.lineTo(x(edges[j]!), foot);
    }
    ink.closePath();
    ink.moveTo(x(edges[i + 1] ?? 0), 0);
  }
  ink.fill();
  ink.globalAlpha = 1;
}

/** Means in the middle of their buckets; single samples where they are. What stands alone, or far apart, is a dot. */
export function paintLine(ink: Ink, layer: Layer, c: number, x: Place, y: Place, [first, last]: readonly [number, number], colour: string, dash: readonly number[], width: number): void {
  const { edges, size, rows } = layer;
  const { mean } = rows[c]!;
  const [from, to] = bucketsIn(layer, first, last);
  const middle = (i: number): number => x(size > 1 ? (edges[i]! + edges[i + 1]!) / 2 : edges[i]!);
  const far = size === 1 && middle(to - 1) - middle(from) > 9 * (to - from);
  const known = (i: number): boolean => mean[i]! === mean[i]!;
  ink.strokeStyle = ink.fillStyle = colour;
  ink.lineWidth = width;
  ink.lineJoin = "round";
  ink.setLineDash(dash as number[]);
  ink.beginPath();
  for (let i = Math.max(0, from - 1); i <= to && i < mean.length; i++) {
    if (!known(i)) continue;
    const [across, down] = [middle(i), y(mean[i]!)];
    if (known(i - 1)) ink.lineTo(across, down);
    else ink.moveTo(across, down);
    if (far || !(known(i - 1) || known(i + 1))) ink.fillRect(across - 2, down - 2, 4, 4);
  }
  ink.stroke();
  ink.setLineDash([]);
}

/** A wash where nothing is finite, and a mark at the foot wherever something is not. */
export function paintGaps(ink: Ink, layer: Layer, c: number, x: Place, top: number, bottom: number, [first, last]: readonly [number, number], colour: string): void {
  const { edges, rows } = layer;
  const { mean, broken } = rows[c]!;
  const [from, to] = bucketsIn(layer, first, last);
  for (let i = from; i < to; i++) {
    if (!broken(i)) continue;
    const begin = i;
    const empty = mean[i]! !== mean[i]!;
    while (i + 1 < to && broken(i + 1) && empty === (mean[i + 1]! !== mean[i + 1]!)) i++;
    const left = x(edges[begin]!);
    const width = Math.max(2, x(edges[i + 1]!) - left);
    if (empty) block(ink, colour, 0.13, left, top, width, bottom - top);
    block(ink, colour, 1, left, bottom - 3, width, 3);
  }
}
