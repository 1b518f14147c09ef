import { h } from "../core/dom.ts";
import { short } from "../core/format.ts";

export type Line = readonly [name: string, value: number | string | null, unit?: string];

/** A few lines beside a place of the picture. */
export class Tip {
  readonly element = h("div", { class: "stnb-tip", role: "status", "data-stnb": "tip", hidden: true });

  show(x: number, y: number, width: number, lines: readonly Line[]): void {
    this.element.replaceChildren(
      ...lines.map(([name, value, unit]) =>
        h("div", {}, h("span", {}, name), h("b", {}, [typeof value === "string" ? value : short(value ?? NaN, 4), unit].filter(Boolean).join(" "))),
      ),
    );
    const { style } = this.element;
    style.top = `${y + 12}px`;
    style.left = x > width / 2 ? "" : `${x + 12}px`;
    style.right = x > width / 2 ? `${width - x + 12}px` : "";
    this.element.hidden = false;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
