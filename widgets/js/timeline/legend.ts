import { h, setText } from "../core/dom.ts";
import { short } from "../core/format.ts";

/** As near to the dashes of the lines as CSS comes. */
const STYLES = ["solid", "dashed", "dotted", "double"];

/** One button for each channel: shown or not, its line, its last value. */
export class Legend {
  readonly element = h("div", { class: "stnb-channels", role: "group" });

  constructor(units: Record<string, string>, toggle: (name: string, alone: boolean) => void, pick: (name: string) => void) {
    for (const name of Object.keys(units)) {
      const chip = h("button", { type: "button", class: "stnb-chip", "data-stnb": "channel", "data-name": name, title: "show or hide; with Shift, alone" }, h("i"), name, h("span"));
      chip.onclick = (event) => toggle(name, event.shiftKey);
      chip.onpointerenter = () => pick(name);
      this.element.append(chip);
    }
  }

  /** `dash` is the place of a channel in its lane, −1 where it is not shown. */
  paint(active: string, colour: (name: string) => string, dash: (name: string) => number, value: (name: string) => string): void {
    for (const chip of this.element.children as Iterable<Element> & HTMLCollectionOf<HTMLElement>) {
      const name = (chip as HTMLElement).dataset["name"]!;
      const at = dash(name);
      chip.ariaPressed = String(at >= 0);
      chip.classList.toggle("stnb-active", name === active);
      (chip.firstChild as HTMLElement).style.borderTop = `3px ${STYLES[at % 4] ?? "none"} ${colour(name)}`;
      setText(chip.lastElementChild!, value(name));
    }
  }
}

/** "12.3 J" */
export function withUnit(value: number | null | undefined, unit: string | undefined): string {
  return value == null ? "" : `${short(value, 4)} ${unit ?? ""}`.trim();
}
