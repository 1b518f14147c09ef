import { cssGradient } from "../core/colours.ts";
import { h, setText } from "../core/dom.ts";
import { count, short } from "../core/format.ts";
import { MODES, STATES } from "./messages.ts";
import type { Panel, Picture } from "./picture.ts";
import { PANELS, layOut } from "./picture.ts";

const SHAPES = "●◆⬢";

/** A button with words on it. */
export function chip(attributes: Record<string, string | number>, text: string, act: () => void): HTMLButtonElement {
  const made = h("button", { type: "button", class: "stnb-chip", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

export interface Tools {
  select: HTMLSelectElement;
  show(picture: Picture): void;
}

/** Which panel is shown, what colours the carriers, and which colour means what. */
export function toolsIn(into: HTMLElement, setPanel: (panel: Panel) => void, changed: () => void): Tools {
  const select = h("select", { class: "stnb-select", "aria-label": "colour by", "data-stnb": "colour" }, ...MODES.map((name) => h("option", {}, name)));
  const chips = Object.entries(PANELS).map(([panel, name]) => chip({ "data-stnb": panel }, name, () => setPanel(panel as Panel)));
  const states = STATES.map((_, i) => [h("span", { class: "stnb-mark" }, SHAPES[i]!), h("span")] as const);
  const [bar, end] = [h("span", { class: "stnb-ramp" }), h("span")];
  const scale = h("span", {}, "0", bar, end);
  select.addEventListener("change", changed);
  into.append(
    h("span", { class: "stnb-segments", role: "group", "aria-label": "panels" }, ...chips),
    select,
    scale,
    ...states.map((parts) => h("span", {}, ...parts)),
  );
  return {
    select,
    show({ choice: { mode, panel }, canvas, shades, scale: top, look }) {
      const shown = layOut(panel, canvas.clientWidth, 0);
      for (const made of chips) made.ariaPressed = String(made.dataset["stnb"] === (shown[1] ? "all" : shown[0]!.panel));
      select.value = mode;
      scale.hidden = mode === "state";
      states.forEach(([mark, text], i) => {
        mark.style.color = mode === "state" ? shades.states[i]! : "";
        setText(text, `${count(look?.state.filter((state) => state === i).length ?? 0)} ${STATES[i]}`);
      });
      setText(end, mode === "phase" ? "2π" : short(top) + (mode === "age" ? " s" : ""));
      bar.style.backgroundImage = cssGradient(mode === "phase" ? shades.cyclic : shades.table);
    },
  };
}
