/** One thing that the keyboard can do, in the words of the help panel; README tables are tested against these. */
export interface KeySpec {
  keys: readonly string[];
  shown: string;
  action: string;
  text: string;
}

export const FIRST_KEYS: readonly KeySpec[] = [
  { keys: [" "], shown: "Space", action: "toggle", text: "play or pause" },
  { keys: ["."], shown: ".", action: "step", text: "one step" },
];

export const LAST_KEYS: readonly KeySpec[] = [
  { keys: ["?"], shown: "?", action: "help", text: "show or hide this help" },
  { keys: ["Escape"], shown: "Esc", action: "leave", text: "close help, leave the picture" },
];

/** The action of a key press, or null when the browser or the host should have it. */
export function actionOf(
  table: readonly KeySpec[],
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey"> & { shiftKey?: boolean },
): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const wanted = event.shiftKey && key.length > 1 ? `Shift+${key}` : key;
  return table.find((entry) => entry.keys.includes(wanted))?.action ?? null;
}
