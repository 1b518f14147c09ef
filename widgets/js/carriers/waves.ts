import { heardBy, most } from "./look.ts";
import type { Pen, Spots } from "./pen.ts";
import { axes, clipped, fill, placed, segment, shape, stroke, symbols } from "./pen.ts";
import { phaseShade } from "./shades.ts";
import { gates } from "./spectrum.ts";

const LINKED = 48;

/** Carriers as pulses over frequency, the oscillators as dots coloured by phase, and who is heard by whom. */
export function waves(pen: Pen, marked: ReadonlySet<number>): Spots {
  const { look, focus, theme } = pen;
  const { tones } = look;
  const loudest = Math.sqrt(most(tones.energy, 1e-9)) * 1.05;
  const top = most(look.amplitude, 1e-9) * 1.1;
  const dots = placed(pen, tones.omega, tones.energy.map(Math.sqrt), loudest);
  const spots = placed(pen, look.omega, look.amplitude, top);
  const radius = dots.length > 1500 ? 1.2 : 2.5;
  const round = (i: number, more = 0): void => shape(pen, 0, ...dots[i]!, radius + more);
  axes(pen, loudest);
  clipped(pen, () => {
    gates(pen, top);
    const linked = focus >= 0 ? [focus] : look.uid.length <= LINKED ? [...look.uid.keys()] : [];
    for (const place of linked) {
      for (const [tone, share] of heardBy(look, place)) {
        stroke(pen, pen.list[pen.chosen[place]!]!, () => segment(pen, ...spots[place]!, ...dots[tone]!), 1, (focus < 0 ? 0.15 : 0.8) * share);
      }
    }
    const groups: number[][] = [];
    tones.phase.forEach((phase, i) => (groups[phaseShade(phase)] ??= []).push(i));
    const paint = (chosen: (i: number) => boolean, more: number, alpha: number): void =>
      groups.forEach((places, shade) => fill(pen, pen.shades.phases[shade]!, () => places.filter(chosen).forEach((i) => round(i, more)), alpha));
    paint(() => true, 0, focus < 0 ? 0.85 : 0.3);
    const heard = new Set(focus < 0 ? [] : heardBy(look, focus).map(([tone]) => tone));
    paint((i) => heard.has(i), 1, 1);
    stroke(pen, theme.ink, () => dots.forEach((_, i) => marked.has(tones.uid[i]!) && round(i, 2)));
    symbols(pen, spots);
  });
  return spots;
}
