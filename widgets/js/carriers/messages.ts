import type { Frame, FrameHeader, Scene, State } from "../core/protocol.ts";

export const STATES = ["volatile", "stable", "crystallized"] as const;
/** What may happen, and its sign at the edge of the waterfall. */
export const EVENTS = {
  born: "+", split: "‹", merged: "›", faded: "×", gone: "×", stable: "◇", crystallized: "⬡", injected: "▾",
} as const;
export const MODES = ["state", "phase", "conflict", "order", "age"] as const;

export type Column = "omega" | "amplitude" | "phase" | "width" | "order" | "conflict" | "age";
export type Mode = (typeof MODES)[number];
/** Kind, step, and the carrier, or how many particles came. */
export type Happening = [kind: keyof typeof EVENTS, step: number, number: number];

/** Header of a frame of carriers: how many travel of how many there are, bounds of the codes, and what happened. */
export interface CarriersHeader extends FrameHeader {
  count: number;
  total: number;
  lost: number;
  blank: number;
  bounds: [number, number][];
  tone_count: number;
  tone_total: number;
  tone_bounds: [number, number][];
  each: number;
  order: number | null;
  band: [number, number];
  events: Happening[];
}

export type CarriersFrame = Frame<CarriersHeader>;

export interface CarriersScene extends Scene {
  colour: Mode;
}

export interface CarriersState extends State {
  selected: number | null;
}

/** What is known of a carrier, its name and its unit; from the third on, in the order of the columns of a frame. */
export const FACTS: readonly [key: "uid" | "state" | Column, name: string, unit: string][] = [
  ["uid", "carrier", ""], ["state", "state", ""], ["omega", "ω", "rad/s"], ["amplitude", "|C|", ""], ["phase", "phase", "rad"],
  ["width", "gate", "rad/s"], ["order", "order", ""], ["conflict", "conflict", ""], ["age", "age", "s"],
];

/** The answer to the question `why`. */
export interface Reasons {
  sentence: string;
  lines: [label: string, value: number | string, unit: string, share: number | null][];
}
