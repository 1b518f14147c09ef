import type { KeySpec } from "../core/keys.ts";

export const KEYS: readonly KeySpec[] = [
  { keys: ["ArrowLeft"], shown: "←", action: "left", text: "turn left" },
  { keys: ["ArrowRight"], shown: "→", action: "right", text: "turn right" },
  { keys: ["ArrowUp"], shown: "↑", action: "up", text: "tilt up" },
  { keys: ["ArrowDown"], shown: "↓", action: "down", text: "tilt down" },
  { keys: ["+", "="], shown: "+", action: "in", text: "nearer" },
  { keys: ["-", "_"], shown: "−", action: "out", text: "farther" },
  { keys: ["0"], shown: "0", action: "reset", text: "first view again" },
  { keys: ["c"], shown: "C", action: "colour", text: "next colour" },
];

export const MOUSE = [
  ["Drag", "turn"],
  ["Wheel", "zoom, once the picture has the focus"],
  ["Double click", "first view again"],
] as const;
