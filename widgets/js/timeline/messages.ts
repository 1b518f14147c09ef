import type { Frame, FrameHeader, Scene, State } from "../core/protocol.ts";

export type Scale = "linear" | "log" | "symlog";

/** Header of a frame: the channels shown, the bounds of their codes along their axes, and the events of the window. */
export interface TimelineHeader extends FrameHeader {
  shown: string[];
  scales: Scale[];
  knees: number[];
  bounds: [number, number][];
  whole_bounds: [number, number][];
  times: [number, number];
  origin: number;
  stride: number;
  size: number;
  asked: [number, number];
  total: number;
  holes: number[];
  latest: (number | null)[];
  kinds: string[];
  events: [step: number, label: string, kind: number][];
  event_total: number;
}

export type TimelineFrame = Frame<TimelineHeader>;

export interface TimelineScene extends Scene {
  channels: Record<string, string>;
  groups: Record<string, string[]>;
}

export interface TimelineState extends State {
  window: [number, number] | null;
  span: number | null;
  shown: string[];
  scales: Record<string, Scale>;
  brush: [number, number] | null;
}

/** The answer to `harmonics`. */
export interface Harmonics {
  channel: string;
  frequency: number[];
  amplitude: number[];
  peak: [frequency: number, amplitude: number];
  note: string;
}

/** The answer to `table`. */
export interface Table {
  text: string;
  rows: number;
  note: string;
}
