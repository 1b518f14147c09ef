import { h, icon, setText } from "./dom.ts";
import { count } from "./format.ts";
import type { Past, Scene, State } from "./protocol.ts";
import { SliderControl } from "./slider.ts";
import { Throttle } from "./throttle.ts";

const PLAY = "M8 5.2v13.6L19 12z";
const PAUSE = "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z";
const STEP = "M6 5.2v13.6L15 12zM16.4 5H19v14h-2.6z";
const RESET = "M12 5V2L7.5 6.2 12 10.4V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z";
const RECORD = "M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12z";
const SPEEDS = [1, 5, 10, 30, 60];

export interface DeckEvents {
  intent(name: string, value: unknown): void;
  reset(): void;
  help(): void;
}

export function button(attributes: Record<string, string>, shape: string, name: string): HTMLButtonElement {
  return h("button", { type: "button", class: "stnb-button", "aria-label": name, title: name, ...attributes }, icon(shape));
}

/** Buttons, speed, the way back through time, sliders, and the status line. Faces change when the session says so. */
export class Deck {
  readonly element: HTMLElement;
  readonly helpButton: HTMLButtonElement;
  readonly #play = button({ "data-stnb": "play", class: "stnb-button stnb-play", "aria-keyshortcuts": "Space" }, PLAY, "Play");
  readonly #record = button({ "data-stnb": "record", "aria-pressed": "false" }, RECORD, "Record");
  readonly #speed: HTMLSelectElement;
  readonly #scrub: HTMLInputElement;
  readonly #scrubRow: HTMLElement;
  readonly #shown = h("span", { class: "stnb-shown" });
  readonly #live = h("button", { type: "button", class: "stnb-chip", "data-stnb": "live", hidden: true }, "Latest");
  readonly #status = h("div", { class: "stnb-status", "data-stnb": "status" });
  readonly #rate = h("div", { class: "stnb-rate" });
  readonly #sliders = new Map<string, SliderControl>();
  readonly #seeks: Throttle<number | null>;
  #past: Past | null = null;
  #playing = false;
  #held = false;
  readonly #scene: Scene;
  readonly #events: DeckEvents;

  constructor(
    scene: Scene,
    events: DeckEvents,
    helpId: string,
  ) {
    [this.#scene, this.#events] = [scene, events];
    const has = (part: Scene["deck"][number]): boolean => scene.deck.includes(part);
    this.#seeks = new Throttle(scene.intent_ms, (step) => events.intent("seek", step));
    this.#speed = h(
      "select",
      { class: "stnb-select", "aria-label": "steps per second", "data-stnb": "speed", hidden: !has("speed") },
      ...SPEEDS.map((rate) => h("option", { value: rate }, `${rate}/s`)),
      h("option", { value: "" }, "full speed"),
    );
    this.#scrub = h("input", { type: "range", class: "stnb-track", "aria-label": "step shown", "data-stnb": "scrub", step: 1 });
    this.#scrubRow = h("div", { class: "stnb-scrub", hidden: true }, this.#scrub, this.#shown, this.#live);
    const step = button({ "data-stnb": "step", "aria-keyshortcuts": "." }, STEP, "One step");
    const reset = button({ "data-stnb": "reset", "aria-keyshortcuts": "0" }, RESET, "First view again");
    this.helpButton = h("button", {
      type: "button", class: "stnb-button", "data-stnb": "help", "aria-label": "Keys", title: "Keys (?)",
      "aria-expanded": "false", "aria-controls": helpId,
    }, "?");
    this.#play.hidden = !has("play");
    step.hidden = !has("step");
    this.#record.hidden = !has("record");
    const controls = h("div", { class: "stnb-sliders", hidden: scene.controls.length === 0 });
    for (const spec of scene.controls) {
      const slider = new SliderControl(spec, (value) => events.intent("set", { name: spec.name, value }), scene.intent_ms);
      this.#sliders.set(spec.name, slider);
      controls.append(slider.element);
    }
    this.element = h(
      "div",
      {},
      this.#scrubRow,
      h("div", { class: "stnb-deck" }, this.#play, step, this.#record, this.#speed, this.#status, this.#rate, reset, this.helpButton),
      controls,
    );
    this.#play.addEventListener("click", () => this.toggle());
    step.addEventListener("click", () => events.intent("step", 1));
    reset.addEventListener("click", () => events.reset());
    this.helpButton.addEventListener("click", () => events.help());
    this.#record.addEventListener("click", () => events.intent("record", this.#record.getAttribute("aria-pressed") !== "true"));
    this.#speed.addEventListener("change", () => events.intent("speed", this.#speed.value ? Number(this.#speed.value) : null));
    this.#scrub.addEventListener("input", () => this.seek(Number(this.#scrub.value)));
    this.#scrub.addEventListener("pointerdown", () => (this.#held = true));
    for (const end of ["pointerup", "pointercancel", "blur"]) this.#scrub.addEventListener(end, () => (this.#held = false));
    this.#live.addEventListener("click", () => this.seek(null));
  }

  toggle(): void {
    if (this.#play.hidden) return;
    this.#events.intent(this.#playing ? "pause" : "play", null);
    this.#play.dataset["asked"] = "true";
  }

  step(): void {
    if (this.#scene.deck.includes("step")) this.#events.intent("step", 1);
  }

  /** Show another step, null for the newest; beyond the ends there is nothing. */
  seek(step: number | null): void {
    if (!this.#past) return;
    this.#seeks.push(step === null || step >= this.#past.last ? null : Math.max(step, this.#past.first));
  }

  /** One kept moment back or forth. */
  stepBack(by: number): void {
    if (this.#past) this.seek((this.#past.shown ?? this.#past.last) + by);
  }

  setState(state: State): void {
    this.#playing = state.playing;
    delete this.#play.dataset["asked"];
    const name = state.playing ? "Pause" : "Play";
    if (this.#play.getAttribute("aria-label") !== name) {
      this.#play.setAttribute("aria-label", name);
      this.#play.title = `${name} (Space)`;
      this.#play.replaceChildren(icon(state.playing ? PAUSE : PLAY));
    }
    this.#speed.value = state.speed === null ? "" : String(state.speed);
    this.#record.setAttribute("aria-pressed", String(state.recording));
    this.#record.title = state.recording ? "Stop recording" : "Record";
    this.#setPast(state.past);
    for (const [key, truth] of Object.entries(state.controls ?? {})) this.#sliders.get(key)?.settle(truth);
  }

  setStatus(parts: string[], warning: string, rate: string): void {
    const nodes: Node[] = parts.map((part) => h("span", {}, part));
    if (warning) nodes.push(h("span", { class: "stnb-warning" }, warning));
    this.#status.replaceChildren(...nodes);
    this.#status.title = [...parts, warning].filter(Boolean).join(" · ");
    setText(this.#rate, rate);
  }

  stop(): void {
    this.#seeks.stop();
    for (const slider of this.#sliders.values()) slider.stop();
  }

  #setPast(past: Past | null): void {
    this.#past = past;
    this.#scrubRow.hidden = !past || !this.#scene.deck.includes("scrub") || past.last <= past.first;
    if (!past) return;
    const at = past.shown ?? past.last;
    this.#scrub.min = String(past.first);
    this.#scrub.max = String(past.last);
    if (!this.#held) this.#scrub.value = String(at);
    this.#scrub.style.setProperty("--stnb-share", `${((at - past.first) / Math.max(1, past.last - past.first)) * 100}%`);
    this.#scrub.setAttribute("aria-valuetext", `step ${count(at)} of ${count(past.last)}`);
    setText(this.#shown, past.shown === null ? "latest" : `step ${count(at)} of ${count(past.last)}`);
    this.#live.hidden = past.shown === null;
  }
}
