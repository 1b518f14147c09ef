import { h, setText } from "../core/dom.ts";
import { count, short } from "../core/format.ts";
import type { State } from "../core/protocol.ts";
import type { AtlasFrame } from "./messages.ts";

/** What stands in the corners of the picture: that this is not now, and what should be conserved. */
export class Notes {
  readonly past = h("div", { class: "stnb-past", "data-stnb": "past", hidden: true });
  readonly badge = h("div", { class: "stnb-badge", "data-stnb": "badge", hidden: true });

  setState({ past }: State): void {
    const shown = past?.shown ?? null;
    this.past.hidden = shown === null;
    if (shown !== null) setText(this.past, `step ${count(shown)}, not the latest`);
  }

  show({ header }: AtlasFrame): void {
    this.badge.hidden = !header.badge.length;
    this.badge.replaceChildren(
      ...header.badge.map(([name, value]) => h("span", {}, `${name} `, h("b", {}, short(value ?? NaN, 4)))),
    );
  }
}

const STOPS_A_SECOND = 4;
const MOST_STOPS = 120;

/** Walks through the kept steps, four stops a second, and ends at the newest; a long way is walked in longer strides. */
export class Route {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #seek: (step: number) => void;
  readonly #changed: (on: boolean) => void;

  constructor(seek: (step: number) => void, changed: (on: boolean) => void) {
    this.#seek = seek;
    this.#changed = changed;
  }

  toggle(past: State["past"]): void {
    if (this.stop() || !past || past.last <= past.first) return;
    const stride = Math.max(1, Math.ceil((past.last - past.first) / MOST_STOPS));
    let at = past.shown === null ? past.first - stride : past.shown;
    const next = (): void => {
      at = Math.min(at + stride, past.last);
      this.#seek(at);
      if (at === past.last) this.stop();
      else this.#timer = setTimeout(next, 1000 / STOPS_A_SECOND);
    };
    this.#changed(true);
    next();
  }

  /** True if it was walking. */
  stop(): boolean {
    if (this.#timer === undefined) return false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed(false);
    return true;
  }
}
