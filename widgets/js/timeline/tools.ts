import { h } from "../core/dom.ts";
import { KEYS } from "./keys.ts";
import type { Scale } from "./messages.ts";

export const SCALES: readonly Scale[] = ["linear", "log", "symlog"];

const BUTTONS = {
  follow: "Follow", reset: "Whole run", overlay: "Overlay", harmonics: "Harmonics", table: "Table", save: "CSV", unbrush: "Brush off", now: "Latest",
};

export type Tool = keyof typeof BUTTONS;

/** Buttons beside the title; `act` gets the action of the key that does the same. */
export function makeTools(act: (action: string) => void): Record<Tool, HTMLButtonElement> {
  return Object.fromEntries(
    Object.entries(BUTTONS).map(([action, text]) => {
      const key = KEYS.find((spec) => spec.action === action)!;
      const button = h("button", { type: "button", class: "stnb-chip", "data-stnb": action, title: `${key.text} (${key.shown})` }, text);
      button.onclick = () => act(action);
      return [action, button];
    }),
  ) as Record<Tool, HTMLButtonElement>;
}

/** Which kind of axis the active channel has. */
export function scaleMenu(choose: (scale: Scale) => void): HTMLSelectElement {
  const menu = h("select", { class: "stnb-select", "data-stnb": "scale" }, ...SCALES.map((value) => h("option", { value }, `${value} axis`)));
  menu.onchange = () => choose(menu.value as Scale);
  return menu;
}
