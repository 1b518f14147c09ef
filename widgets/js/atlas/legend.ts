import { cssGradient } from "../core/colours.ts";
import { h, setText } from "../core/dom.ts";
import { short } from "../core/format.ts";

/** Which attribute colours the particles, and which colour means what. */
export class Legend {
  readonly element: HTMLElement;
  private readonly select: HTMLSelectElement;
  private readonly bar = h("div", { class: "stnb-bar" });
  private readonly low = h("span");
  private readonly high = h("span");
  private readonly unit = h("span", { class: "stnb-unit" });

  constructor(
    private readonly units: Record<string, string>,
    private readonly choose: (name: string) => void,
  ) {
    const names = Object.keys(units);
    this.select = h(
      "select",
      { class: "stnb-select", "aria-label": "colour by", "data-stnb": "colour" },
      ...names.map((name) => h("option", { value: name }, name)),
    );
    this.element = h(
      "div",
      { class: "stnb-legend", hidden: names.length === 0 },
      h("div", { class: "stnb-legend-head" }, this.select, this.unit),
      this.bar,
      h("div", { class: "stnb-ends" }, this.low, this.high),
    );
    this.select.addEventListener("change", () => choose(this.select.value));
  }

  next(): void {
    const { options, selectedIndex } = this.select;
    if (options.length < 2) return;
    this.select.selectedIndex = (selectedIndex + 1) % options.length;
    this.choose(this.select.value);
  }

  setColour(name: string): void {
    this.select.value = name;
    setText(this.unit, this.units[name] ?? "");
  }

  setTable(table: Uint8Array): void {
    this.bar.style.backgroundImage = cssGradient(table);
  }

  setRange(low: number, high: number): void {
    setText(this.low, short(low));
    setText(this.high, short(high));
    this.bar.title = `${short(low)} … ${short(high)} ${this.unit.textContent ?? ""}`;
  }
}
