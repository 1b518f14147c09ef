import { count, short } from "../core/format.ts";
import { actionOf } from "../core/keys.ts";
import { FrameFeed, watchVisibility } from "../core/link.ts";
import type { Model, RenderContext } from "../core/model.ts";
import { Lifetime } from "../core/model.ts";
import type { Frame, Scene, State } from "../core/protocol.ts";
import { watchTheme } from "../core/theme.ts";
import { gestures } from "./gestures.ts";
import { Panel } from "./panel.ts";
import { Picture } from "./picture.ts";

const TURN = 0.12;
const ZOOM = 1.18;
const SPOKEN_EVERY_MS = 2000;
const RATE_EVERY_MS = 500;

/** "12 of 1,000 particles not finite", or nothing. */
export function lossText({ header }: Frame): string {
  const parts: string[] = [];
  if (header.lost) parts.push(`${count(header.lost)} lost (not finite)`);
  if (header.blank) parts.push(`${count(header.blank)} without a ${header.colour}`);
  return parts.join(", ");
}

export function statusParts({ header }: Frame): string[] {
  const shown = header.count < header.total ? `${count(header.count)} of ${count(header.total)}` : count(header.total);
  return [
    `step ${count(header.step)}`,
    `t ${header.time === null ? "–" : short(header.time, 4)}`,
    `${shown} particles`,
    header.status,
  ].filter(Boolean);
}

function mount(model: Model, el: HTMLElement, lifetime: Lifetime): void {
  const scene = model.get("scene") as Scene;
  let latest: Frame | null = null;
  let frames = 0;
  let spoken = "";

  const panel = new Panel(scene, {
    intent: (name, value) => feed.intent(name, value),
    reset: () => {
      picture.camera.reset();
      picture.invalidate();
    },
  });
  el.append(panel.root);
  lifetime.add(() => {
    panel.stop();
    panel.root.remove();
  });

  const picture = new Picture(
    panel.canvas,
    scene,
    { drawn: () => feed.drawn(), failed: (reason) => panel.setNotice(reason) },
    lifetime,
  );
  watchTheme(
    panel.root,
    panel.stage,
    (theme) => {
      picture.setTheme(theme);
      panel.setTable(picture.table);
    },
    lifetime,
  );

  const describe = (): void => {
    if (!latest) return;
    const { painted, arriving } = picture.rates();
    const rate = arriving > 0 && painted > 0 ? `${Math.round(painted)} fps` : "";
    panel.setStatus(statusParts(latest), lossText(latest), rate);
  };

  const show = (frame: Frame): void => {
    if (!latest && !panel.stage.classList.contains("stnb-failed")) panel.setNotice(null);
    latest = frame;
    frames += 1;
    picture.show(frame);
    panel.root.dataset["step"] = String(frame.header.step);
    panel.root.dataset["frames"] = String(frames);
    panel.setRange(picture.range.low, picture.range.high);
    describe();
  };
  const feed = new FrameFeed(model, show, lifetime);

  const applyState = (): void => panel.setState(model.get("state") as State);
  lifetime.subscribe(model, "change:state", applyState);
  applyState();

  watchVisibility(
    panel.stage,
    (visible) => {
      picture.setVisible(visible);
      feed.setVisible(visible);
    },
    lifetime,
  );

  const speak = (): void => {
    if (!latest) return;
    const text = [...statusParts(latest), lossText(latest)].filter(Boolean).join(", ");
    if (text !== spoken) panel.live.textContent = spoken = text;
  };
  const timers = [setInterval(speak, SPOKEN_EVERY_MS), setInterval(describe, RATE_EVERY_MS)];
  lifetime.add(() => timers.forEach(clearInterval));

  gestures(panel.canvas, picture.camera, () => picture.invalidate(), () => panel.showHint(), lifetime);
  listenToKeys(panel, picture, lifetime);
}

function listenToKeys(panel: Panel, picture: Picture, lifetime: Lifetime): void {
  const { camera } = picture;
  const actions = {
    toggle: () => panel.toggle(),
    step: () => panel.root.querySelector<HTMLButtonElement>("[data-stnb=step]")?.click(),
    left: () => camera.turn(-TURN, 0),
    right: () => camera.turn(TURN, 0),
    up: () => camera.turn(0, TURN),
    down: () => camera.turn(0, -TURN),
    in: () => camera.zoom(ZOOM),
    out: () => camera.zoom(1 / ZOOM),
    reset: () => camera.reset(),
    colour: () => panel.nextColour(),
    help: () => panel.toggleHelp(),
    leave: () => panel.toggleHelp(false) || panel.canvas.blur(),
  };
  lifetime.listen(panel.root, "keydown", (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.target !== panel.canvas) {
      if (event.key === "Escape") panel.toggleHelp(false);
      return;
    }
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    if (event.repeat && action === "toggle") return;
    actions[action]();
    picture.invalidate();
  });
}

function render({ model, el, signal }: RenderContext): () => void {
  const lifetime = new Lifetime(signal);
  mount(model, el, lifetime);
  return () => lifetime.end();
}

export default { render };
