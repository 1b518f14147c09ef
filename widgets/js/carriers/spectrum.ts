import { strongest } from "./look.ts";
import type { Pen, Spots } from "./pen.ts";
import { axes, byColour, clipped, fill, placed, segment, stroke, symbols } from "./pen.ts";

const GATES = 96;
const BELL = Float32Array.from({ length: 41 }, (_, i) => 0.12 * (i - 20));

/** Gates of the strongest carriers as soft bells exp(−((ω − Ω)/σ)²) of height |C|. */
export function gates(pen: Pen, top: number): void {
  const { c, look, list, chosen } = pen;
  for (const i of strongest(look).slice(0, GATES)) {
    const bell = BELL.map((away) => look.amplitude[i]! * Math.exp(-away * away));
    const spots = placed(pen, BELL.map((away) => look.omega[i]! + away * look.width[i]!), bell, top);
    fill(pen, list[chosen[i]!]!, () => spots.forEach((spot) => c.lineTo(...spot)), 0.15);
  }
}

/** Carriers as stems of height |C| over frequency, each in its gate. */
export function spectrum(pen: Pen, top: number, over: () => void): Spots {
  const { look, y, h } = pen;
  const spots = placed(pen, look.omega, look.amplitude, top);
  axes(pen, top);
  clipped(pen, () => {
    gates(pen, top);
    byColour(pen, (colour, places) => {
      stroke(pen, colour, () => places.forEach((i) => segment(pen, spots[i]![0], y + h, ...spots[i]!)), pen.radius > 3 ? 2 : 1);
    });
    symbols(pen, spots);
    over();
  });
  return spots;
}
