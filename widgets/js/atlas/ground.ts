import type { Box } from "../core/camera.ts";
import { short, ticks } from "../core/format.ts";
import type { Lens } from "../core/lens.ts";
import type { Pen } from "./axes.ts";
import { FONT } from "./axes.ts";

const CURVE = 90;

/** A line through points of the plane. */
export function drawCurve(pen: Pen, lens: Lens, count: number, at: (i: number) => number[]): void {
  const { context, width, height } = pen;
  context.beginPath();
  for (let i = 0; i <= count; i++) context.lineTo(...lens.project(at(i), width, height));
  context.stroke();
}

/** Grid, numbers and the outline of a plane; the grid is as fine as the view. */
export function drawPlane(pen: Pen, lens: Lens, [low, high]: Box): void {
  const { context, width, height } = pen;
  const origin = lens.project([0, 0], width, height);
  const unit = lens.unit(height);
  context.font = FONT;
  context.fillStyle = pen.ink;
  context.strokeStyle = pen.line;
  context.textBaseline = "middle";
  for (const axis of [0, 1]) {
    const [length, sign] = axis ? [height, -1] : [width, 1];
    const ends = [-origin[axis]! / unit, (length - origin[axis]!) / unit].map((x) => sign * x).sort((a, b) => a - b);
    for (const value of ticks(ends[0]!, ends[1]!, length / 110)) {
      const x = Math.round(origin[axis]! + sign * value * unit) + 0.5;
      context.globalAlpha = 0.22;
      context.beginPath();
      context.moveTo(axis ? 0 : x, axis ? x : 0);
      context.lineTo(axis ? width : x, axis ? x : height);
      context.stroke();
      context.globalAlpha = 0.8;
      context.textAlign = axis ? "left" : "center";
      if (x > 24 && x < length - 24) context.fillText(short(value, 4), axis ? 6 : x, axis ? x : height - 10);
    }
  }
  context.globalAlpha = 1;
  const corners = [low, [high[0]!, low[1]!], high, [low[0]!, high[1]!]];
  drawCurve(pen, lens, 4, (i) => corners[i % 4]!.slice(0, 2));
  context.textAlign = "left";
  context.font = `600 ${FONT}`;
  context.fillText("y", 6, 12);
  context.fillText("x", width - 14, height - 10);
}

/**
 * The rim of the disk, lines through its origin, and circles around it one unit of hyperbolic distance apart. Around c
 * and with t = tanh(distance / 2), such a circle has the centre c (1 − t²) / (1 − |c|² t²) and the radius
 * t (1 − |c|²) / (1 − |c|² t²).
 */
export function drawDisk(pen: Pen, lens: Lens): void {
  const { context, width, height } = pen;
  const unit = lens.unit(height);
  const [u, v] = lens.project([0, 0], width, height);
  const [x, y] = [u - width / 2, v - height / 2];
  const away = (x * x + y * y) / unit ** 2;
  context.strokeStyle = pen.line;
  for (const distance of [1, 2, 3, 4, Infinity]) {
    const t = Math.tanh(distance / 2);
    const share = 1 / (1 - away * t * t);
    const [pull, radius] = t < 1 ? [(1 - t * t) * share, unit * t * (1 - away) * share] : [0, unit];
    context.globalAlpha = t < 1 ? 0.3 : 1;
    context.beginPath();
    context.arc(width / 2 + x * pull, height / 2 + y * pull, radius, 0, 7);
    context.stroke();
  }
  context.globalAlpha = 0.3;
  for (let ray = 0; ray < 8; ray++) {
    const angle = (Math.PI * ray) / 8;
    drawCurve(pen, lens, CURVE, (i) => {
      const at = Math.tanh((i / CURVE - 0.5) * 12);
      return [at * Math.cos(angle), at * Math.sin(angle)];
    });
  }
  context.globalAlpha = 1;
}

/** A bar of a round length in the lower right corner, as long as that is in the middle of the picture. */
export function drawScale(pen: Pen, lens: Lens, disk: boolean): void {
  const { context, width, height } = pen;
  const unit = lens.unit(height);
  const most = Math.min(130, width / 4);
  const length = disk ? 1 : (ticks(0, most / unit, 2)[1] ?? 0);
  const pixels = disk ? unit * Math.tanh(0.5) : length * unit;
  if (!(pixels > 4 && pixels < width / 2)) return;
  const [x, y] = [width - 14 - pixels, height - 26];
  context.strokeStyle = context.fillStyle = pen.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const [dx, dy] of [[0, -4], [0, 0], [pixels, 0], [pixels, -4]] as const) context.lineTo(x + dx, y + dy);
  context.stroke();
  context.lineWidth = 1;
  context.font = FONT;
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.fillText(disk ? "distance 1 from the middle" : short(length), width - 14, y - 5);
}
