import { h, setText } from "../core/dom.ts";
import { count } from "../core/format.ts";
import { Group } from "../core/group.ts";
import { Lifetime } from "../core/model.ts";
import type { DeckPart, Intent, Scene } from "../core/protocol.ts";
import { Clock } from "./clock.ts";
import { toggleTheme } from "./theme.ts";
import type { Module, Recorded } from "./view.ts";
import { NEEDS_SESSION, View } from "./view.ts";

/** A tab in the background, or a long drawing, does not make the run jump. */
const LONGEST_S = 0.25;
const SAID_MS = 4000;
const REPLAYED: DeckPart[] = ["play", "step", "speed", "scrub"];

/** A scene without a kernel: what can be replayed, and a group of this page only. */
function sceneOf({ scene }: Recorded, all: readonly Recorded[]): Scene {
  const withDeck = all.filter((one) => one.scene.deck.includes("play"));
  const decked = withDeck.length ? scene.deck.includes("play") : scene === all[0]!.scene;
  return { ...scene, group: scene.group && `${scene.group} ${performance.timeOrigin}`, deck: decked ? REPLAYED : [] };
}

/** All widgets of a recorded run on one clock. */
class Replay {
  readonly #clock: Clock;
  readonly #views: View[];
  readonly #groups: Group[];
  readonly #words: HTMLElement;
  readonly #lifetime = new Lifetime();
  #ticking = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, modules: Record<string, Module>, recorded: Recorded[]) {
    this.#words = root.querySelector(".stnb-page-words")!;
    this.#clock = new Clock(recorded.flatMap(({ film }) => film.map(([step]) => step)));
    const places = root.querySelectorAll<HTMLElement>(".stnb-page-view");
    const replayed = recorded.map((one) => ({ ...one, scene: sceneOf(one, recorded) }));
    this.#views = replayed.map(
      (one, i) =>
        new View(places[i]!, one, { obey: (intent) => this.#obey(intent), refuse: (name) => this.#refuse(name) }),
    );
    const names = new Set(replayed.map(({ scene }) => scene.group).filter(Boolean));
    this.#groups = [...names].map((name) => new Group(name, this.#lifetime));
    for (const [i, view] of this.#views.entries()) view.render(modules[recorded[i]!.widget]!);
    for (const group of this.#groups) group.on("moment", (step) => this.#seek(step), this.#lifetime);
    this.#show();
    setText(root.querySelector(".stnb-page-note")!, this.#describe());
  }

  #describe(): string {
    const { moments } = this.#clock;
    const [first, last] = [moments[0]!, moments[moments.length - 1]!];
    const steps = first === last ? `step ${count(first)}` : `steps ${count(first)} to ${count(last)}`;
    return `Recorded run, ${count(moments.length)} ${moments.length === 1 ? "frame" : "frames"}, ${steps}`;
  }

  #obey({ name, value }: Intent): void {
    if (name === "seek") return this.#seek(value as number | null);
    if (name === "play") this.#clock.play();
    else if (name === "pause") this.#clock.pause();
    else if (name === "step") this.#clock.next();
    else if (name === "speed") this.#clock.speed = value as number | null;
    else return;
    this.#show();
  }

  #seek(step: number | null): void {
    if (step === (this.#clock.newest ? null : this.#clock.step)) return;
    this.#clock.seek(step);
    this.#show();
  }

  /** Sliders and the like go back to what was recorded, and a line says why. */
  #refuse(name: string): void {
    this.#show();
    setText(this.#words, `“${name}” ${NEEDS_SESSION}.`);
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => setText(this.#words, ""), SAID_MS);
  }

  #show(): void {
    const { moments, newest, playing, speed, step } = this.#clock;
    const shown = newest ? null : step;
    const past = { first: moments[0]!, last: moments[moments.length - 1]!, shown };
    for (const view of this.#views) {
      view.showAt(step);
      view.setState(playing, speed, past);
    }
    for (const group of this.#groups) group.set("moment", shown);
    if (playing) this.#tick();
  }

  /** Ask for the next picture while the run plays; nothing runs otherwise. */
  #tick(): void {
    if (this.#ticking) return;
    const asked = performance.now();
    this.#ticking = requestAnimationFrame(() => {
      this.#ticking = 0;
      const { step } = this.#clock;
      this.#clock.pass(Math.min((performance.now() - asked) / 1000, LONGEST_S));
      if (this.#clock.step !== step || !this.#clock.playing) this.#show();
      else this.#tick();
    });
  }
}

/** Bring a page to life: `root` holds a place for each recorded widget, `modules` what draws them. */
export default function start(root: HTMLElement, modules: Record<string, Module>, recorded: Recorded[]): void {
  const bar = root.querySelector(".stnb-page-bar")!;
  if ("toggle" in root.dataset) bar.append(toggleTheme(h("button", { type: "button", class: "stnb-page-theme" })));
  new Replay(root, modules, recorded);
  root.dataset["ready"] = "true";
}
