import type { KeySpec } from "../core/keys.ts";

export const KEYS: readonly KeySpec[] = [
  { keys: ["ArrowLeft"], shown: "←", action: "left", text: "earlier" },
  { keys: ["ArrowRight"], shown: "→", action: "right", text: "later" },
  { keys: ["ArrowUp"], shown: "↑", action: "up", text: "previous channel" },
  { keys: ["ArrowDown"], shown: "↓", action: "down", text: "next channel" },
  { keys: ["+", "="], shown: "+", action: "in", text: "a shorter window" },
  { keys: ["-", "_"], shown: "−", action: "out", text: "a longer window" },
  { keys: ["Home"], shown: "Home", action: "home", text: "the first steps" },
  { keys: ["0"], shown: "0", action: "reset", text: "the whole run" },
  { keys: ["f", "End"], shown: "F, End", action: "follow", text: "follow" },
  { keys: [",", "Shift+ArrowLeft"], shown: ",", action: "back", text: "crosshair back" },
  { keys: [";", "Shift+ArrowRight"], shown: ";", action: "forth", text: "crosshair on" },
  { keys: ["e"], shown: "E", action: "event", text: "next event" },
  { keys: ["Enter"], shown: "Enter", action: "moment", text: "show this moment" },
  { keys: ["Backspace"], shown: "Backspace", action: "now", text: "the latest step" },
  { keys: ["b"], shown: "B", action: "brush", text: "start or end a brush" },
  { keys: ["x"], shown: "X", action: "unbrush", text: "no brush" },
  { keys: [..."123456789"], shown: "1 … 9", action: "digit", text: "show or hide a channel" },
  { keys: ["i"], shown: "I", action: "solo", text: "one channel alone" },
  { keys: ["o"], shown: "O", action: "overlay", text: "overlay or lanes" },
  { keys: ["l"], shown: "L", action: "scale", text: "kind of axis" },
  { keys: ["h"], shown: "H", action: "harmonics", text: "frequencies" },
  { keys: ["t"], shown: "T", action: "table", text: "table" },
  { keys: ["s"], shown: "S", action: "save", text: "save as CSV" },
];

export const MOUSE = [
  ["Drag", "earlier, later"],
  ["Wheel", "zoom, once in focus"],
  ["Shift drag", "mark a window"],
  ["Click", "show this moment"],
  ["Double click", "the whole run"],
] as const;
