import { Group } from "./group.ts";
import { FIRST_KEYS, LAST_KEYS, actionOf } from "./keys.ts";
import { FrameFeed, watchVisibility } from "./link.ts";
import type { RenderContext } from "./model.ts";
import { Lifetime } from "./model.ts";
import type { Frame, Scene, State } from "./protocol.ts";
import type { ShellWords } from "./shell.ts";
import { Shell } from "./shell.ts";
import type { Theme } from "./theme.ts";
import { watchTheme } from "./theme.ts";

const SPOKEN_EVERY_MS = 2000;
const DESCRIBED_EVERY_MS = 500;

/** What a widget is given to work with. */
export interface Host<S extends Scene> {
  readonly scene: S;
  readonly shell: Shell;
  readonly group: Group;
  readonly lifetime: Lifetime;
  /** Tell Python what somebody wants. */
  intent(name: string, value: unknown): void;
  /** Ask Python something; rejects with a reason to show. */
  ask(name: string, value: unknown): Promise<unknown>;
  /** The newest frame has reached the screen. */
  drawn(): void;
  /** Words under the picture may have changed. */
  describe(): void;
}

/** What makes one widget differ from another. */
export interface Widget {
  show(frame: Frame): void;
  setTheme(theme: Theme): void;
  setState(state: State): void;
  setVisible(visible: boolean): void;
  /** An action of the widget's own keys, and the key that was pressed. */
  act(action: string, key: string): void;
  /** The first view again. */
  reset(): void;
  status(frame: Frame): string[];
  /** What is wrong with what is shown; "" when nothing is. */
  warning(frame: Frame): string;
  /** Pictures per second, or "". */
  rate(): string;
}

export type Maker<S extends Scene> = (host: Host<S>) => Widget;

/** The life of a view: frames, state, theme, visibility, keys and words around a widget, until its signal ends it. */
function mount<S extends Scene>({ model, el }: RenderContext, words: ShellWords, make: Maker<S>, lifetime: Lifetime): void {
  const scene = model.get("scene") as S;
  let latest: Frame | null = null;
  let frames = 0;
  let spoken = "";
  let shown: number | null | undefined;

  const shell = new Shell(scene, words, {
    intent: (name, value) => feed.intent(name, value),
    reset: () => widget.reset(),
  });
  el.append(shell.root);
  lifetime.add(() => {
    shell.stop();
    shell.root.remove();
  });

  const describe = (): void => {
    if (latest) shell.deck.setStatus(widget.status(latest), widget.warning(latest), widget.rate());
  };
  const group = new Group(scene.group, lifetime);
  const widget = make({
    scene,
    shell,
    group,
    lifetime,
    intent: (name, value) => feed.intent(name, value),
    ask: (name, value) => feed.ask(name, value),
    drawn: () => feed.drawn(),
    describe,
  });
  watchTheme(shell.root, shell.stage, (theme) => widget.setTheme(theme), lifetime);

  const show = (frame: Frame): void => {
    if (!latest && !shell.stage.classList.contains("stnb-failed")) shell.setNotice(null);
    latest = frame;
    frames += 1;
    widget.show(frame);
    shell.root.dataset["step"] = String(frame.header.step);
    shell.root.dataset["frames"] = String(frames);
    describe();
  };
  const applyState = (): void => {
    const state = model.get("state") as State;
    const step = state.past?.shown;
    if (step !== shown) group.set("moment", (shown = step) ?? null);
    shell.setState(state);
    widget.setState(state);
  };
  lifetime.subscribe(model, "change:state", applyState);
  const feed = new FrameFeed(model, show, lifetime);
  applyState();

  watchVisibility(
    shell.stage,
    (visible) => {
      widget.setVisible(visible);
      feed.setVisible(visible);
    },
    lifetime,
  );

  const speak = (): void => {
    if (!latest) return;
    const text = [...widget.status(latest), widget.warning(latest)].filter(Boolean).join(", ");
    if (text !== spoken) shell.live.textContent = spoken = text;
  };
  const timers = [setInterval(speak, SPOKEN_EVERY_MS), setInterval(describe, DESCRIBED_EVERY_MS)];
  lifetime.add(() => timers.forEach(clearInterval));
  listenToKeys(shell, widget, words, lifetime);
}

function listenToKeys(shell: Shell, widget: Widget, words: ShellWords, lifetime: Lifetime): void {
  const shared: Record<string, () => void> = {
    toggle: () => shell.deck.toggle(),
    step: () => shell.deck.step(),
    help: () => shell.toggleHelp(),
    leave: () => shell.toggleHelp(false) || shell.canvas.blur(),
    reset: () => widget.reset(),
  };
  lifetime.listen(shell.root, "keydown", (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.target !== shell.canvas) {
      if (event.key === "Escape") shell.toggleHelp(false);
      return;
    }
    const action = actionOf(words.keys, event);
    if (!action) return;
    event.preventDefault();
    if (event.repeat && action === "toggle") return;
    (shared[action] ?? (() => widget.act(action, event.key)))();
  });
}

/** The `render` of a widget. Its own keys stand between those that start and those that end every list. */
export function widget<S extends Scene>(words: ShellWords, make: Maker<S>): { render(context: RenderContext): () => void } {
  const all = { ...words, keys: [...FIRST_KEYS, ...words.keys, ...LAST_KEYS] };
  return {
    render(context) {
      const lifetime = new Lifetime(context.signal);
      mount(context, all, make, lifetime);
      return () => lifetime.end();
    },
  };
}
