import type { KeySpec } from "../core/keys.ts";

export const KEYS: readonly KeySpec[] = [
  { keys: ["ArrowLeft"], shown: "←", action: "left", text: "turn or move left" },
  { keys: ["ArrowRight"], shown: "→", action: "right", text: "turn or move right" },
  { keys: ["ArrowUp"], shown: "↑", action: "up", text: "tilt or move up" },
  { keys: ["ArrowDown"], shown: "↓", action: "down", text: "tilt or move down" },
  { keys: ["+", "="], shown: "+", action: "in", text: "nearer; with a tool: a larger ring" },
  { keys: ["-", "_"], shown: "−", action: "out", text: "farther; with a tool: a smaller ring" },
  { keys: ["0"], shown: "0", action: "reset", text: "first view again" },
  { keys: ["c"], shown: "C", action: "colour", text: "next colour" },
  { keys: ["l"], shown: "L", action: "lasso", text: "lasso: draw around, or arrows, + and Enter" },
  { keys: ["b"], shown: "B", action: "box", text: "box: draw across, or arrows, + and Enter" },
  { keys: ["Enter"], shown: "Enter", action: "pick", text: "select what is in the ring, or nearest to the cross" },
  { keys: ["m"], shown: "M", action: "mode", text: "replace, add, subtract, intersect" },
  { keys: ["x"], shown: "X", action: "clear", text: "select nothing" },
  { keys: ["i"], shown: "I", action: "info", text: "what is nearest to the cross or the pointer" },
  { keys: ["t"], shown: "T", action: "trails", text: "trails of the last 8 frames" },
  { keys: ["d"], shown: "D", action: "density", text: "density instead of particles" },
  { keys: ["r"], shown: "R", action: "route", text: "play the kept steps again; Esc stops" },
];

export const MOUSE = [
  ["Drag", "turn or move; with a tool: select (Shift adds, Alt subtracts, both intersect)"],
  ["Rest", "what is under the pointer"],
  ["Wheel", "zoom, once the picture has the focus"],
  ["Double click", "first view again"],
] as const;
