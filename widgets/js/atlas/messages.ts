import type { Frame, FrameHeader, Scene, State } from "../core/protocol.ts";

/** Header of a frame of particles: `count` of `total`, bounds of the codes, and the attribute that colours them. */
export interface AtlasHeader extends FrameHeader {
  count: number;
  total: number;
  lost: number;
  low: [number, number, number];
  high: [number, number, number];
  colour: string;
  range: [number, number];
  blank: number;
}

export type AtlasFrame = Frame<AtlasHeader>;

export interface AtlasScene extends Scene {
  box: [number[], number[]];
  attributes: Record<string, string>;
}

export interface AtlasState extends State {
  colour: string;
}
