import type { KeySpec } from "../core/keys.ts";

export const KEYS: readonly KeySpec[] = [
  { keys: ["ArrowLeft"], shown: "←", action: "left", text: "next lower carrier" },
  { keys: ["ArrowRight"], shown: "→", action: "right", text: "next higher carrier" },
  { keys: ["ArrowUp"], shown: "↑", action: "later", text: "later moment" },
  { keys: ["ArrowDown"], shown: "↓", action: "earlier", text: "earlier moment" },
  { keys: ["+", "="], shown: "+", action: "in", text: "nearer" },
  { keys: ["-", "_"], shown: "−", action: "out", text: "farther" },
  { keys: ["0"], shown: "0", action: "reset", text: "everything again" },
  { keys: ["1", "2", "3", "4"], shown: "1 … 4", action: "panel", text: "one panel alone, or all" },
  { keys: ["c"], shown: "C", action: "colour", text: "next colour" },
  { keys: ["p"], shown: "P", action: "pin", text: "pin the carrier" },
  { keys: ["w"], shown: "W", action: "why", text: "why is it alive?" },
  { keys: ["t"], shown: "T", action: "table", text: "table" },
];

export const MOUSE = [
  ["Click", "pick a carrier, or a moment of the waterfall"],
  ["Drag", "move along the frequencies"],
  ["Wheel", "zoom, once the picture has the focus"],
] as const;
