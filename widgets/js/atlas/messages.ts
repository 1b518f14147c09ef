import type { Frame, FrameHeader, Scene, State } from "../core/protocol.ts";

/** What the colours of a field on a plane mean, and where it lies. */
export interface FieldHeader {
  name: string;
  unit: string;
  axis: 0 | 1 | 2;
  at: number;
  range: [number, number];
  lost: number;
}

/** Header of a frame of particles: `count` of `total`, bounds of the codes, the attribute that colours them, and more. */
export interface AtlasHeader extends FrameHeader {
  count: number;
  total: number;
  lost: number;
  low: [number, number, number];
  high: [number, number, number];
  colour: string;
  range: [number, number];
  blank: number;
  picked: [echo: number, by: string];
  kinds: string[];
  field: FieldHeader | null;
  districts: [name: string, note: string][];
  badge: [name: string, value: number | null][];
}

export type AtlasFrame = Frame<AtlasHeader>;

export interface AtlasScene extends Scene {
  box: [number[], number[]];
  attributes: Record<string, string>;
  projection: "3d" | "2d" | "disk";
}

export interface AtlasState extends State {
  colour: string;
}

/** What was picked: ids or a bit per id, in base64. */
export interface AtlasSelection {
  kind: "lasso" | "box" | "ring" | "clear";
  by: string;
  shown: number;
  total: number;
  form: "ids" | "mask";
  data: string;
}

/** [name, value, unit] of something that is known of a particle. */
export type Fact = [name: string, value: number | null, unit: string];
