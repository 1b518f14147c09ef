import { categoryColour, cssGradient } from "../core/colours.ts";
import { h, setText } from "../core/dom.ts";
import { short } from "../core/format.ts";
import { GLYPHS } from "./company.ts";
import type { AtlasFrame } from "./messages.ts";

/** What colours and shapes mean: the attribute of the particles, the field, the kinds of markers. */
export class Legend {
  readonly element: HTMLElement;
  /** 0 … 1: how much the field covers. */
  opacity = 0.6;
  dense = false;
  readonly #units: Record<string, string>;
  readonly #choose: (name: string) => void;
  readonly #select: HTMLSelectElement;
  readonly #bar = h("div", { class: "stnb-bar" });
  readonly #low = h("span");
  readonly #high = h("span");
  readonly #unit = h("span", { class: "stnb-unit" });
  readonly #field = h("label", { hidden: true });
  readonly #fieldName = h("span");
  readonly #fieldUnit = h("span", { class: "stnb-unit" });
  readonly #fieldRange = h("span");
  readonly #kinds = h("div", { class: "stnb-kinds" });

  constructor(units: Record<string, string>, choose: (name: string) => void, changed: () => void) {
    const names = Object.keys(units);
    this.#units = units;
    this.#choose = choose;
    this.#select = h(
      "select",
      { class: "stnb-select", "aria-label": "colour by", "data-stnb": "colour", hidden: !names.length },
      ...names.map((name) => h("option", { value: name }, name)),
    );
    const cover = h("input", { type: "range", class: "stnb-track", "aria-label": "opacity of the field", "data-stnb": "opacity", value: 60 });
    cover.style.setProperty("--stnb-share", "60%");
    cover.addEventListener("input", () => {
      this.opacity = Number(cover.value) / 100;
      cover.style.setProperty("--stnb-share", `${cover.value}%`);
      changed();
    });
    this.#field.append(
      h("div", { class: "stnb-legend-head" }, this.#fieldName, this.#fieldUnit), cover, this.#fieldRange,
    );
    this.element = h(
      "div",
      { class: "stnb-legend", hidden: true },
      h("div", { class: "stnb-legend-head" }, this.#select, this.#unit),
      this.#bar,
      h("div", { class: "stnb-ends" }, this.#low, this.#high),
      this.#field,
      this.#kinds,
    );
    this.#select.addEventListener("change", () => choose(this.#select.value));
  }

  next(): void {
    const { options, selectedIndex } = this.#select;
    if (options.length < 2) return;
    this.#select.selectedIndex = (selectedIndex + 1) % options.length;
    this.#choose(this.#select.value);
  }

  setColour(name: string): void {
    this.#select.value = name;
  }

  setTable(table: Uint8Array): void {
    this.#bar.style.backgroundImage = cssGradient(table);
  }

  show({ header }: AtlasFrame, low: number, high: number, dark: boolean): void {
    const { dense } = this;
    setText(this.#low, dense ? "few" : short(low));
    setText(this.#high, dense ? "many" : short(high));
    setText(this.#unit, dense ? "per pixel, log scale" : (this.#units[header.colour] ?? ""));
    this.#select.hidden = dense || !header.colour;
    const { field, kinds } = header;
    this.#field.hidden = !field;
    if (field) {
      setText(this.#fieldName, field.name);
      setText(this.#fieldUnit, field.unit);
      setText(this.#fieldRange, field.range.map((x) => short(x)).join(" … "));
    }
    const named = kinds.filter(Boolean);
    this.#kinds.replaceChildren(
      ...named.map((kind) => {
        const glyph = h("span", { "aria-hidden": "true" }, [...GLYPHS][kinds.indexOf(kind) % 6]!);
        glyph.style.color = categoryColour(kinds.indexOf(kind), dark);
        return h("span", {}, glyph, ` ${kind}`);
      }),
    );
    this.element.hidden = !(header.colour || this.dense || field || named.length);
  }
}
