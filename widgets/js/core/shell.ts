import { Deck } from "./deck.ts";
import { h } from "./dom.ts";
import type { KeySpec } from "./keys.ts";
import type { Scene, State } from "./protocol.ts";

const HINT_MS = 1800;

export interface ShellEvents {
  intent(name: string, value: unknown): void;
  reset(): void;
}

export interface ShellWords {
  /** The name of the widget: its class and `data-stnb`. */
  kind: string;
  /** What stands for the title where there is none. */
  noun: string;
  /** What the canvas says of itself to those who do not see it. */
  canvasHint: string;
  keys: readonly KeySpec[];
  /** What the mouse does, as pairs of gesture and effect. */
  mouse: readonly (readonly [string, string])[];
}

/** What surrounds every picture: title, tools, stage, deck, help, and the line that is read aloud. */
export class Shell {
  readonly root: HTMLElement;
  readonly stage: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Beside the title: menus and switches of the widget. */
  readonly tools = h("div", { class: "stnb-tools" });
  /** Between stage and deck: panels of the widget. */
  readonly below = h("div", { class: "stnb-below" });
  readonly live = h("div", { class: "stnb-live", "aria-live": "polite", role: "status" });
  readonly deck: Deck;
  readonly #notice: HTMLElement;
  readonly #hint: HTMLElement;
  readonly #help: HTMLElement;
  #hintTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(scene: Scene, words: ShellWords, events: ShellEvents) {
    const name = scene.title || words.noun;
    this.canvas = h("canvas", {
      class: "stnb-canvas", tabindex: 0, role: "img", "data-stnb": "canvas",
      "aria-label": `${name}. ${words.canvasHint}, question mark lists all keys.`,
    });
    this.#notice = h("div", { class: "stnb-notice" }, h("span", { class: "stnb-pulse" }), h("span", {}, "Waiting for the first frame"));
    this.#hint = h("div", { class: "stnb-hint", hidden: true });
    this.#help = helpPanel(words);
    this.stage = h("div", { class: "stnb-stage" }, this.canvas, this.#notice, this.#hint, this.#help);
    this.deck = new Deck(scene, { ...events, help: () => this.toggleHelp() }, this.#help.id);
    const title = scene.title ? [h("h3", { class: "stnb-title" }, scene.title)] : [];
    this.root = h(
      "section",
      {
        class: `stnb stnb-${words.kind}`, "data-stnb": words.kind, "aria-label": name, "data-lm-suppress-shortcuts": "true",
        "data-step": "", "data-playing": "false", "data-frames": 0,
      },
      h("div", { class: "stnb-head" }, ...title, this.tools),
      this.stage,
      this.below,
      this.deck.element,
      this.live,
    );
  }

  setState(state: State): void {
    this.root.dataset["playing"] = String(state.playing);
    this.root.dataset["shown"] = state.past?.shown === null || !state.past ? "" : String(state.past.shown);
    this.deck.setState(state);
  }

  /** Show or hide the list of keys; true if that changed anything. */
  toggleHelp(open = this.#help.hidden): boolean {
    const changed = this.#help.hidden === open;
    this.#help.hidden = !open;
    this.deck.helpButton.setAttribute("aria-expanded", String(open));
    return changed;
  }

  /** Replace the empty state by the picture (null), or by a reason why there is none. */
  setNotice(text: string | null): void {
    this.#notice.hidden = text === null;
    this.stage.classList.toggle("stnb-failed", text !== null);
    if (text !== null) this.#notice.replaceChildren(h("span", {}, text));
  }

  /** A passing remark at the foot of the picture. */
  say(text: string): void {
    this.#hint.textContent = text;
    this.#hint.hidden = false;
    clearTimeout(this.#hintTimer);
    this.#hintTimer = setTimeout(() => (this.#hint.hidden = true), HINT_MS);
  }

  stop(): void {
    clearTimeout(this.#hintTimer);
    this.deck.stop();
  }
}

function helpPanel({ keys, mouse }: ShellWords): HTMLElement {
  const rows = [...keys.map(({ shown, text }) => [shown, text] as const), ...mouse];
  return h(
    "div",
    { class: "stnb-help", id: `stnb-help-${Math.random().toString(36).slice(2, 8)}`, role: "region", "aria-label": "Keys", hidden: true },
    ...rows.map(([shown, text]) => h("div", {}, h("kbd", {}, shown), h("span", {}, text))),
  );
}
