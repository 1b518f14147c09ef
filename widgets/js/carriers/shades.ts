import { blankColour, categoryColour, colourTable, cyclicTable } from "../core/colours.ts";
import type { Look } from "./look.ts";
import { most } from "./look.ts";
import type { Mode } from "./messages.ts";

const STEPS = 24;

/** Volatile, stable, crystallized: the colours that tell them apart beside their shapes. */
const STATE_COLOURS = [1, 0, 2];

/** Few colours for many carriers, so that those of one colour are painted in one go. */
export interface Shades {
  table: Uint8Array;
  cyclic: Uint8Array;
  states: string[];
  levels: string[];
  phases: string[];
}

/** `STEPS` colours of a table and grey. */
function css(table: Uint8Array): string[] {
  const colours = Array.from({ length: STEPS }, (_, i) => `rgb(${table.slice(4 * Math.floor(((i + 0.5) / STEPS) * 256)).slice(0, 3).join()})`);
  return [...colours, `rgb(${blankColour().map((x) => 255 * x).join()})`];
}

export function shadesFor(dark: boolean): Shades {
  const [table, cyclic] = [colourTable(256, dark ? -0.06 : 0.09), cyclicTable()];
  return { table, cyclic, states: STATE_COLOURS.map((i) => categoryColour(i, dark)), levels: css(table), phases: css(cyclic) };
}

/** The place of an angle among the colours of phases. */
export function phaseShade(angle: number): number {
  const share = angle / 2 / Math.PI;
  return Number.isFinite(share) ? Math.floor((share - Math.floor(share)) * STEPS) % STEPS : STEPS;
}

/** Colours, the place of each carrier's among them, and the ends of the scale. */
export function shadesOf(shades: Shades, look: Look, mode: Mode): [list: string[], chosen: number[], top: number] {
  if (mode === "state") return [shades.states, [...look.state], 2];
  const values = [...look[mode]];
  if (mode === "phase") return [shades.phases, values.map(phaseShade), Math.PI];
  const top = mode === "age" ? most(look.age) || 1 : 1;
  return [shades.levels, values.map((x) => (Number.isFinite(x) ? Math.min(STEPS - 1, Math.max(0, Math.floor((x / top) * STEPS))) : STEPS)), top];
}
