import type { Box, Camera } from "../core/camera.ts";
import { short, ticks } from "../core/format.ts";

const NAMES = ["x", "y", "z"] as const;
export const FONT = "11px ui-sans-serif, system-ui, sans-serif";

interface Edge {
  axis: number;
  from: number[];
  to: number[];
  behind: boolean;
  outline: boolean;
}

/** The twelve edges of a box: hidden ones behind the particles, outline ones fit to carry ticks. */
export function edgesOf(box: Box, eye: readonly number[]): Edge[] {
  const [low, high] = box;
  const faces = (axis: number, side: number): boolean =>
    side === 0 ? eye[axis]! < low[axis]! : eye[axis]! > high[axis]!;
  const edges: Edge[] = [];
  for (let axis = 0; axis < 3; axis++) {
    const [one, other] = [(axis + 1) % 3, (axis + 2) % 3];
    for (const s of [0, 1]) {
      for (const r of [0, 1]) {
        const from = [0, 0, 0];
        from[axis] = low[axis]!;
        from[one] = (s ? high : low)[one]!;
        from[other] = (r ? high : low)[other]!;
        const to = [...from];
        to[axis] = high[axis]!;
        const [front1, front2] = [faces(one, s), faces(other, r)];
        edges.push({ axis, from, to, behind: !front1 && !front2, outline: front1 !== front2 });
      }
    }
  }
  return edges;
}

export interface Pen {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  ink: string;
  line: string;
  ground: string;
}

export function drawEdges(pen: Pen, camera: Camera, edges: Edge[], behind: boolean): void {
  const { context, width, height } = pen;
  context.strokeStyle = pen.line;
  context.lineWidth = 1;
  for (const edge of edges) {
    if (edge.behind !== behind) continue;
    context.globalAlpha = behind ? 0.55 : edge.outline ? 1 : 0.5;
    context.beginPath();
    context.moveTo(...camera.project(edge.from, width, height));
    context.lineTo(...camera.project(edge.to, width, height));
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** Ticks, numbers and the name of each axis along one edge of the outline, outside the box. */
export function drawTicks(pen: Pen, camera: Camera, edges: Edge[]): void {
  const { context, width, height } = pen;
  const middle = camera.project(camera.centre, width, height);
  context.font = FONT;
  context.fillStyle = pen.ink;
  context.strokeStyle = pen.line;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let axis = 0; axis < 3; axis++) {
    const edge = carrier(edges, axis, camera, width, height);
    if (!edge) continue;
    const [start, end] = [camera.project(edge.from, width, height), camera.project(edge.to, width, height)];
    const length = Math.hypot(end[0] - start[0], end[1] - start[1]);
    if (length < 46) continue;
    const outward = normalTowards(start, end, middle);
    const low = edge.from[axis]!;
    const high = edge.to[axis]!;
    for (const value of ticks(low, high, Math.min(4, Math.max(1, length / 64)))) {
      const point = [...edge.from];
      point[axis] = value;
      const [x, y] = camera.project(point, width, height);
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + 4 * outward[0], y + 4 * outward[1]);
      context.stroke();
      context.globalAlpha = 0.8;
      context.fillText(short(value), x + 15 * outward[0], y + 13 * outward[1]);
      context.globalAlpha = 1;
    }
    const [x, y] = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2];
    context.font = `600 ${FONT}`;
    context.fillText(NAMES[axis]!, x + 34 * outward[0], y + 28 * outward[1]);
    context.font = FONT;
  }
}

/** The outline edge along `axis` that lies lowest on the picture, for z the one farthest left. */
function carrier(edges: Edge[], axis: number, camera: Camera, width: number, height: number): Edge | null {
  let best: Edge | null = null;
  let score = -Infinity;
  for (const edge of edges) {
    if (edge.axis !== axis || !edge.outline) continue;
    const [start, end] = [camera.project(edge.from, width, height), camera.project(edge.to, width, height)];
    const place = axis === 2 ? -(start[0] + end[0]) : start[1] + end[1];
    if (place > score) [best, score] = [edge, place];
  }
  return best;
}

function normalTowards(start: number[], end: number[], away: number[]): [number, number] {
  const [dx, dy] = [end[0]! - start[0]!, end[1]! - start[1]!];
  const length = Math.hypot(dx, dy) || 1;
  const [nx, ny] = [-dy / length, dx / length];
  const [mx, my] = [(start[0]! + end[0]!) / 2 - away[0]!, (start[1]! + end[1]!) / 2 - away[1]!];
  return nx * mx + ny * my < 0 ? [-nx, -ny] : [nx, ny];
}
