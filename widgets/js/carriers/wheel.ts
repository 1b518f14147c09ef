import { short } from "../core/format.ts";
import type { Look } from "./look.ts";
import type { Past } from "./past.ts";
import type { Pen, Spots } from "./pen.ts";
import { fill, segment, shape, stroke, symbols, words } from "./pen.ts";

const TRACE = 40;

/** Mean of e^{iψ} over the carriers, weighted by |C|; 0 when there is none. */
export function agreement({ amplitude, phase }: Look): [number, number] {
  let [re, im, all] = [0, 0, 1e-30];
  amplitude.forEach((size, i) => {
    re += size * Math.cos(phase[i]!);
    im += size * Math.sin(phase[i]!);
    all += size;
  });
  return [re / all, im / all];
}

/** Carriers at their phases, as far out as their gates are in order; the arrow is their mean; below, order over time. */
export function wheel(pen: Pen, past: Past): Spots {
  const { c, look, theme, x, y, w, h } = pen;
  const high = h - TRACE - 12;
  const reach = Math.max(20, Math.min(w / 2 - 24, high / 2 - 16));
  const [mx, my] = [x + w / 2, y + high / 2];
  for (const share of [0.5, 1]) stroke(pen, theme.faint, () => shape(pen, 0, mx, my, reach * share), 1, share * share);
  words(pen, "0", mx + reach + 12, my, "center");
  words(pen, "π/2", mx, my - reach - 10, "center");
  const spots = [...look.phase].map((phase, i): [number, number] => {
    const out = reach * Math.min(1, Math.max(0, look.order[i]! || 0));
    return [mx + out * Math.cos(phase), my - out * Math.sin(phase)];
  });
  symbols(pen, spots);
  const [re, im] = agreement(look);
  const [tx, ty] = [mx + re * reach, my - im * reach];
  stroke(pen, theme.ink, () => segment(pen, mx, my, tx, ty), 2);
  fill(pen, theme.ink, () => shape(pen, 0, tx, ty, 3.5));
  const foot = y + h;
  const { rows, shown } = past;
  words(pen, `order of all ${short(rows[rows.length - 1]?.order ?? NaN, 2)}`, x, foot - TRACE);
  stroke(pen, theme.faint, () => segment(pen, x, foot, x + w, foot));
  stroke(pen, theme.ink, () => {
    let on = false;
    rows.slice(-shown).forEach(({ order }, i, { length }) => {
      const at = [x + w * (1 - (length - 1 - i) / shown), foot - (TRACE - 12) * (order || 0)] as const;
      if (on) c.lineTo(...at);
      on = order >= 0;
      c.moveTo(...at);
    });
  }, 1.5);
  return spots;
}
