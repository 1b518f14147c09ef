/** What the keyboard can do, in the words of the help panel; the README table is tested against it. */
export const KEYS = [
  { keys: [" "], shown: "Space", action: "toggle", text: "play or pause" },
  { keys: ["."], shown: ".", action: "step", text: "one step" },
  { keys: ["ArrowLeft"], shown: "←", action: "left", text: "turn left" },
  { keys: ["ArrowRight"], shown: "→", action: "right", text: "turn right" },
  { keys: ["ArrowUp"], shown: "↑", action: "up", text: "tilt up" },
  { keys: ["ArrowDown"], shown: "↓", action: "down", text: "tilt down" },
  { keys: ["+", "="], shown: "+", action: "in", text: "nearer" },
  { keys: ["-", "_"], shown: "−", action: "out", text: "farther" },
  { keys: ["0"], shown: "0", action: "reset", text: "first view again" },
  { keys: ["c"], shown: "C", action: "colour", text: "next colour" },
  { keys: ["?"], shown: "?", action: "help", text: "show or hide this help" },
  { keys: ["Escape"], shown: "Esc", action: "leave", text: "close help, leave the picture" },
] as const;

export type Action = (typeof KEYS)[number]["action"];

/** The action of a key press, or null when the browser or the host should have it. */
export function actionOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): Action | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return KEYS.find((entry) => (entry.keys as readonly string[]).includes(key))?.action ?? null;
}
