import { cssGradient } from "../core/colours.ts";
import { h, icon, setText } from "../core/dom.ts";
import { short } from "../core/format.ts";
import { KEYS } from "../core/keys.ts";
import type { Scene, State } from "../core/protocol.ts";
import { SliderControl } from "../core/slider.ts";

const PLAY = "M8 5.2v13.6L19 12z";
const PAUSE = "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z";
const STEP = "M6 5.2v13.6L15 12zM16.4 5H19v14h-2.6z";
const RESET = "M12 5V2L7.5 6.2 12 10.4V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z";

export interface PanelEvents {
  intent(name: string, value: unknown): void;
  reset(): void;
}

function button(attributes: Record<string, string>, shape: string, name: string): HTMLButtonElement {
  return h("button", { type: "button", class: "stnb-button", "aria-label": name, title: name, ...attributes }, icon(shape));
}

/** Everything around the picture: title, legend, buttons, sliders, status, help. */
export class Panel {
  readonly root: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly stage: HTMLElement;
  readonly live: HTMLElement;
  private readonly play: HTMLButtonElement;
  private readonly select: HTMLSelectElement;
  private readonly legend: HTMLElement;
  private readonly bar: HTMLElement;
  private readonly low: HTMLElement;
  private readonly high: HTMLElement;
  private readonly unit: HTMLElement;
  private readonly statusLine: HTMLElement;
  private readonly rate: HTMLElement;
  private readonly notice: HTMLElement;
  private readonly help: HTMLElement;
  private readonly helpButton: HTMLButtonElement;
  private readonly hint: HTMLElement;
  private readonly sliders = new Map<string, SliderControl>();
  private hintTimer: ReturnType<typeof setTimeout> | undefined;
  private playing = false;

  constructor(
    private readonly scene: Scene,
    private readonly events: PanelEvents,
  ) {
    const names = Object.keys(scene.attributes);
    this.canvas = h("canvas", {
      class: "stnb-canvas", tabindex: 0, role: "img", "data-stnb": "canvas",
      "aria-label": `${scene.title || "Particles"}. Arrow keys turn the picture, question mark lists all keys.`,
    });
    this.notice = h("div", { class: "stnb-notice" }, h("span", { class: "stnb-pulse" }), h("span", {}, "Waiting for the first frame"));
    this.hint = h("div", { class: "stnb-hint", hidden: true }, "Click the picture, or hold Ctrl, to zoom with the wheel");
    this.help = this.buildHelp();
    this.select = h(
      "select",
      { class: "stnb-select", "aria-label": "colour by", "data-stnb": "colour" },
      ...names.map((name) => h("option", { value: name }, name)),
    );
    this.bar = h("div", { class: "stnb-bar" });
    [this.low, this.unit, this.high] = [h("span"), h("span", { class: "stnb-unit" }), h("span")];
    this.legend = h(
      "div",
      { class: "stnb-legend", hidden: names.length === 0 },
      h("div", { class: "stnb-legend-head" }, this.select, this.unit),
      this.bar,
      h("div", { class: "stnb-ends" }, this.low, this.high),
    );
    this.stage = h("div", { class: "stnb-stage" }, this.canvas, this.legend, this.notice, this.hint, this.help);
    this.play = button({ "data-stnb": "play", class: "stnb-button stnb-play", "aria-keyshortcuts": "Space" }, PLAY, "Play");
    const step = button({ "data-stnb": "step", "aria-keyshortcuts": "." }, STEP, "One step");
    const reset = button({ "data-stnb": "reset", "aria-keyshortcuts": "0" }, RESET, "First view again");
    this.helpButton = h("button", {
      type: "button", class: "stnb-button", "data-stnb": "help", "aria-label": "Keys", title: "Keys (?)",
      "aria-expanded": "false", "aria-controls": this.help.id,
    }, "?");
    this.statusLine = h("div", { class: "stnb-status", "data-stnb": "status" });
    this.rate = h("div", { class: "stnb-rate" });
    this.live = h("div", { class: "stnb-live", "aria-live": "polite", role: "status" });
    const controls = h("div", { class: "stnb-sliders" });
    for (const spec of scene.controls) {
      const slider = new SliderControl(spec, (value) => events.intent("set", { name: spec.name, value }), scene.intent_ms);
      this.sliders.set(spec.name, slider);
      controls.append(slider.element);
    }
    this.root = h(
      "section",
      {
        class: "stnb stnb-atlas", "data-stnb": "atlas", "aria-label": scene.title || "Particles", "data-lm-suppress-shortcuts": "true",
        "data-step": "", "data-playing": "false", "data-frames": 0,
      },
      ...(scene.title ? [h("h3", { class: "stnb-title" }, scene.title)] : []),
      this.stage,
      h("div", { class: "stnb-deck" }, this.play, step, this.statusLine, this.rate, reset, this.helpButton),
      ...(scene.controls.length ? [controls] : []),
      this.live,
    );
    this.play.addEventListener("click", () => this.toggle());
    step.addEventListener("click", () => events.intent("step", 1));
    reset.addEventListener("click", () => events.reset());
    this.helpButton.addEventListener("click", () => this.toggleHelp());
    this.select.addEventListener("change", () => events.intent("colour", this.select.value));
  }

  toggle(): void {
    this.events.intent(this.playing ? "pause" : "play", null);
    this.play.dataset["asked"] = "true";
  }

  nextColour(): void {
    const { options, selectedIndex } = this.select;
    if (options.length > 1) {
      this.select.selectedIndex = (selectedIndex + 1) % options.length;
      this.events.intent("colour", this.select.value);
    }
  }

  toggleHelp(open = this.help.hidden): boolean {
    const changed = this.help.hidden === open;
    this.help.hidden = !open;
    this.helpButton.setAttribute("aria-expanded", String(open));
    return changed;
  }

  setState(state: State): void {
    this.playing = state.playing;
    this.root.dataset["playing"] = String(state.playing);
    delete this.play.dataset["asked"];
    const name = state.playing ? "Pause" : "Play";
    if (this.play.getAttribute("aria-label") !== name) {
      this.play.setAttribute("aria-label", name);
      this.play.title = `${name} (Space)`;
      this.play.replaceChildren(icon(state.playing ? PAUSE : PLAY));
    }
    this.select.value = state.colour;
    setText(this.unit, this.scene.attributes[state.colour] ?? "");
    for (const [key, truth] of Object.entries(state.controls ?? {})) this.sliders.get(key)?.settle(truth);
  }

  setTable(table: Uint8Array): void {
    this.bar.style.backgroundImage = cssGradient(table);
  }

  setRange(low: number, high: number): void {
    setText(this.low, short(low));
    setText(this.high, short(high));
    this.bar.title = `${short(low)} … ${short(high)} ${this.unit.textContent ?? ""}`;
  }

  setStatus(parts: string[], warning: string, rate: string): void {
    const nodes: Node[] = parts.map((part) => h("span", {}, part));
    if (warning) nodes.push(h("span", { class: "stnb-warning" }, warning));
    this.statusLine.replaceChildren(...nodes);
    this.statusLine.title = [...parts, warning].filter(Boolean).join(" · ");
    setText(this.rate, rate);
  }

  /** Replace the empty state by the picture, or by a reason why there is none. */
  setNotice(text: string | null): void {
    this.notice.hidden = text === null;
    if (text !== null) this.notice.replaceChildren(h("span", {}, text));
  }

  showHint(): void {
    this.hint.hidden = false;
    clearTimeout(this.hintTimer);
    this.hintTimer = setTimeout(() => (this.hint.hidden = true), 1800);
  }

  stop(): void {
    clearTimeout(this.hintTimer);
    for (const slider of this.sliders.values()) slider.stop();
  }

  private buildHelp(): HTMLElement {
    const rows = KEYS.map(({ shown, text }) => h("div", {}, h("kbd", {}, shown), h("span", {}, text)));
    const mouse = [
      ["Drag", "turn"],
      ["Wheel", "zoom, once the picture has the focus"],
      ["Double click", "first view again"],
    ].map(([what, text]) => h("div", {}, h("kbd", {}, what!), h("span", {}, text!)));
    return h(
      "div",
      { class: "stnb-help", id: `stnb-help-${Math.random().toString(36).slice(2, 8)}`, role: "region", "aria-label": "Keys", hidden: true },
      ...rows,
      ...mouse,
    );
  }
}
