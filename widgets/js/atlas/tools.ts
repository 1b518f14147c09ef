import { h, setText } from "../core/dom.ts";
import { count } from "../core/format.ts";
import { MODES } from "./pick.ts";
import type { Mode } from "./pick.ts";

/** Buttons beside the title: what dragging does, how selections combine, and what is drawn. */
export class Tools {
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #mode = h(
    "select", { class: "stnb-select", "aria-label": "a new selection will", "data-stnb": "mode", title: "M" },
    ...MODES.map((mode) => h("option", {}, mode)),
  );

  constructor(into: HTMLElement, act: (action: string) => void, route: boolean) {
    const names = { lasso: "Lasso", box: "Box", clear: "", trails: "Trails", density: "Density", route: "Route" };
    for (const [action, name] of Object.entries(names)) {
      const key = action === "clear" ? "X" : action[0]!.toUpperCase();
      const button = h("button", { type: "button", class: "stnb-chip", "data-stnb": action, title: `${name || "Select nothing"} (${key})` }, name);
      button.addEventListener("click", () => act(action));
      this.#buttons.set(action, button);
      into.append(button);
      if (action === "box") into.append(this.#mode);
    }
    this.#buttons.get("route")!.hidden = !route;
    this.selected(0);
    this.mode = "replace";
  }

  get mode(): Mode {
    return this.#mode.value as Mode;
  }

  set mode(mode: Mode) {
    this.#mode.value = mode;
  }

  nextMode(): void {
    this.#mode.selectedIndex = (this.#mode.selectedIndex + 1) % MODES.length;
  }

  press(action: string, on: boolean): void {
    this.#buttons.get(action)!.setAttribute("aria-pressed", String(on));
    if (action === "lasso" || action === "box") this.#mode.hidden = !on && !this.holds();
  }

  /** Whether a tool for selecting is in hand. */
  holds(): boolean {
    return ["lasso", "box"].some((tool) => this.#buttons.get(tool)!.getAttribute("aria-pressed") === "true");
  }

  selected(size: number): void {
    const button = this.#buttons.get("clear")!;
    button.hidden = size === 0;
    setText(button, `${count(size)} selected ×`);
  }
}
