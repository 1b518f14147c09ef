import { h } from "../core/dom.ts";
import type { RenderContext } from "../core/model.ts";
import type { Answer, Ask, Intent, Past, Scene, State } from "../core/protocol.ts";
import { frameOf, stillAt } from "./film.ts";
import type { Still } from "./film.ts";
import { PageModel } from "./model.ts";

export const NEEDS_SESSION = "needs a live session";
const PYTHON_ONLY = ["set", "record", "colour"];

/** What the page holds of one widget. */
export interface Recorded {
  widget: string;
  scene: Scene;
  state: State;
  film: Still[];
}

/** What a built widget exports. */
export interface Module {
  render(context: RenderContext): unknown;
}

/** Who acts on wishes where there is no Python. */
export interface Page {
  obey(intent: Intent): void;
  /** A wish that only Python could fulfil. */
  refuse(name: string): void;
}

/** One widget of a page, fed from its film. */
export class View {
  readonly film: readonly Still[];
  readonly #model: PageModel;
  readonly #place: HTMLElement;
  readonly #recorded: Recorded;
  #shown = -1;
  #numbers = 0;

  constructor(place: HTMLElement, recorded: Recorded, page: Page) {
    this.#place = place;
    this.#recorded = recorded;
    this.film = recorded.film;
    const { scene, state } = recorded;
    this.#model = new PageModel({ scene, state: { ...state, recording: false }, film: recorded.film }, (message) => {
      const { type, name } = message as Intent | Ask;
      if (type === "ask") this.#answer(message as Ask);
      else if (type === "intent" && PYTHON_ONLY.includes(name)) page.refuse(name);
      else if (type === "intent") page.obey(message as Intent);
    });
  }

  /** Put the widget where its still picture is; the picture stays where the widget cannot draw. */
  render(module: Module): void {
    const poster = this.#place.querySelector(".stnb-poster");
    const el = h("div");
    this.#place.append(el);
    try {
      module.render({ model: this.#model, el });
    } catch (error) {
      el.replaceChildren(h("p", { class: "stnb-page-why", role: "alert" }, `This view did not start: ${String(error)}`));
      return;
    }
    if (!el.querySelector(".stnb-failed")) poster?.remove();
    this.#sayWhatNeedsPython(el);
  }

  showAt(moment: number): void {
    const at = stillAt(this.film, moment);
    if (at === this.#shown) return;
    this.#shown = at;
    const frame = frameOf(this.film[at]!, ++this.#numbers);
    if (frame) this.#model.tell("msg:custom", { ...frame.header }, Object.values(frame.arrays));
  }

  setState(playing: boolean, speed: number | null, past: Past | null): void {
    this.#model.set("state", { ...this.#recorded.state, recording: false, playing, speed, past });
  }

  #answer({ id, name }: Ask): void {
    const answer: Answer = { type: "answer", id, value: null, error: `“${name}” ${NEEDS_SESSION}` };
    queueMicrotask(() => this.#model.tell("msg:custom", answer, []));
  }

  #sayWhatNeedsPython(el: HTMLElement): void {
    for (const input of el.querySelectorAll<HTMLInputElement>(".stnb-sliders input")) {
      input.disabled = true;
      input.title = NEEDS_SESSION;
    }
    const sliders = el.querySelector(".stnb-sliders:not([hidden])");
    sliders?.append(h("p", { class: "stnb-page-why" }, `Changing these ${NEEDS_SESSION}.`));
  }
}
