import { h, setText } from "./dom.ts";
import { fromShare, parseNumber, short, toShare } from "./format.ts";
import type { ControlState, SliderSpec } from "./protocol.ts";
import { Throttle } from "./throttle.ts";

const STEPS = 1000;
let ids = 0;

/**
 * A labelled track with a field for exact numbers. It shows what the person does at once, and what the
 * session really has as soon as the session has answered the last wish.
 */
export class SliderControl {
  readonly element: HTMLElement;
  readonly #track: HTMLInputElement;
  readonly #field: HTMLInputElement;
  readonly #problem: HTMLElement;
  readonly #wishes: Throttle<number>;
  #value: number;
  #held = false;
  #echo = -1;
  #truth: ControlState | null = null;

  constructor(
    private readonly spec: SliderSpec,
    wish: (value: number) => void,
    gap: number,
  ) {
    const id = `stnb-slider-${ids++}`;
    const name = spec.label || spec.name;
    const unit = spec.unit ? ` in ${spec.unit}` : "";
    this.#value = spec.value;
    this.#wishes = new Throttle(gap, wish);
    this.#track = h("input", {
      type: "range", id, min: 0, max: STEPS, step: 1, class: "stnb-track",
      "data-stnb": "slider", "data-name": spec.name,
    });
    this.#field = h("input", {
      type: "text", inputmode: "decimal", class: "stnb-number", "aria-label": `${name}${unit}, exact value`,
      autocomplete: "off", spellcheck: "false", "data-stnb": "value", "data-name": spec.name,
    });
    this.#problem = h("p", { class: "stnb-problem", role: "alert", id: `${id}-problem` });
    this.element = h(
      "div",
      { class: "stnb-slider" },
      h(
        "div",
        { class: "stnb-slider-head" },
        h("label", { for: id }, name),
        h("span", { class: "stnb-value" }, this.#field, h("span", { class: "stnb-unit" }, spec.unit)),
      ),
      this.#track,
      this.#problem,
    );
    this.#track.addEventListener("pointerdown", () => (this.#held = true));
    for (const end of ["pointerup", "pointercancel", "blur"]) {
      this.#track.addEventListener(end, () => this.#letGo());
    }
    this.#track.addEventListener("input", () => this.#ask(fromShare(spec, Number(this.#track.value) / STEPS)));
    this.#field.addEventListener("change", () => this.#typed());
    this.#field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#field.blur();
      if (event.key === "Escape") {
        this.#paint(this.#value);
        this.#field.blur();
      }
    });
    this.#paint(this.#value);
  }

  /** The session's answer; waits while the person still holds the track. */
  settle(truth: ControlState): void {
    if (truth.echo === this.#echo) return;
    this.#echo = truth.echo;
    this.#truth = truth;
    if (!this.#held) this.#adopt();
  }

  stop(): void {
    this.#wishes.stop();
  }

  #letGo(): void {
    if (!this.#held) return;
    this.#held = false;
    if (this.#truth) this.#adopt();
  }

  #adopt(): void {
    const truth = this.#truth;
    if (!truth) return;
    this.#truth = null;
    this.#value = truth.value;
    this.#paint(truth.value);
    this.#complain(truth.error);
  }

  #typed(): void {
    const { low, high, unit } = this.spec;
    const value = parseNumber(this.#field.value);
    if (value === null || value < low || value > high) {
      const typed = this.#field.value.trim();
      this.#paint(this.#value);
      this.#complain(`“${typed}” is not between ${short(low)} and ${short(high)}${unit ? ` ${unit}` : ""}.`);
      return;
    }
    this.#ask(value);
  }

  #ask(value: number): void {
    this.#value = value;
    this.#truth = null;
    this.#complain("");
    this.#paint(value);
    this.#wishes.push(value);
  }

  #complain(text: string): void {
    setText(this.#problem, text);
    for (const input of [this.#track, this.#field]) {
      if (text) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", this.#problem.id);
      } else {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
    }
  }

  #paint(value: number): void {
    const share = toShare(this.spec, value);
    const text = short(value);
    this.#track.value = String(Math.round(share * STEPS));
    this.#track.style.setProperty("--stnb-share", `${(100 * share).toFixed(2)}%`);
    this.#track.setAttribute("aria-valuetext", this.spec.unit ? `${text} ${this.spec.unit}` : text);
    this.#field.value = text;
    this.#field.style.width = `calc(${Math.max(3, text.length) + 1}ch + 8px)`;
  }
}
