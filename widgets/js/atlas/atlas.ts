import { count, short } from "../core/format.ts";
import type { Host, Widget } from "../core/mount.ts";
import { widget } from "../core/mount.ts";
import { Choice } from "./choice.ts";
import { gestures } from "./gestures.ts";
import { KEYS, MOUSE } from "./keys.ts";
import { Legend } from "./legend.ts";
import type { AtlasFrame, AtlasScene, AtlasState } from "./messages.ts";
import { Notes, Route } from "./notes.ts";
import { Picture } from "./picture.ts";
import { Pointing } from "./pointing.ts";
import { Tools } from "./tools.ts";

const TURN = 0.12;
const ZOOM = 1.18;
/** Above so many particles density is what the picture shows unless somebody wants otherwise. */
const DENSE_ABOVE = 200_000;

/** "12 lost (not finite)", or nothing. */
export function lossText({ header }: AtlasFrame, markers = 0): string {
  const parts: string[] = [];
  if (header.lost) parts.push(`${count(header.lost)} lost (not finite)`);
  if (header.blank) parts.push(`${count(header.blank)} without a ${header.colour}`);
  if (markers) parts.push(`${count(markers)} markers lost`);
  if (header.field?.lost) parts.push(`${count(header.field.lost)} gaps in ${header.field.name}`);
  return parts.join(", ");
}

export function statusParts({ header }: AtlasFrame): string[] {
  const shown = header.count < header.total ? `${count(header.count)} of ${count(header.total)}` : count(header.total);
  return [
    `step ${count(header.step)}`,
    `t ${header.time === null ? "–" : short(header.time, 4)}`,
    `${shown} particles`,
    header.status,
  ].filter(Boolean);
}

function make(host: Host<AtlasScene>): Widget {
  const { scene, shell, lifetime } = host;
  let latest: AtlasFrame | null = null;
  let past: AtlasState["past"] = null;
  let dense: boolean | null = null;

  const act = (action: string): void => {
    if (!pointing.act(action)) actions[action]?.();
    picture.invalidate();
  };
  const legend = new Legend(scene.attributes, (name) => host.intent("colour", name), () => {
    picture.opacity = legend.opacity;
    picture.invalidate();
  });
  const tools = new Tools(shell.tools, act, scene.deck.includes("scrub"));
  const notes = new Notes();
  const picture = new Picture(
    shell.canvas,
    scene,
    { drawn: () => host.drawn(), failed: (reason) => shell.setNotice(reason), over: (pen) => pointing.draw(pen) },
    lifetime,
  );
  const { lens } = picture;
  const choice = new Choice(
    host.group,
    lifetime,
    (selection) => host.intent("select", selection),
    (flags, size) => {
      picture.pick(flags);
      tools.selected(size);
      shell.root.dataset["selected"] = String(size);
    },
  );
  const pointing = new Pointing(host, picture, choice, tools);
  shell.stage.append(legend.element, notes.past, notes.badge, pointing.tip.element);
  const route = new Route((step) => shell.deck.seek(step), (on) => tools.press("route", on));
  lifetime.add(() => route.stop());
  lifetime.listen(shell.root, "keydown", (event: KeyboardEvent) => {
    if (event.key === "Escape") route.stop();
  });
  gestures(shell.canvas, lens, pointing, lifetime);

  const refresh = (): void => {
    picture.dense = legend.dense = dense ?? (latest?.header.count ?? 0) > DENSE_ABOVE;
    tools.press("density", picture.dense);
    if (latest) legend.show(latest, picture.range.low, picture.range.high, picture.theme.dark);
    picture.invalidate();
  };
  const actions: Record<string, () => void> = {
    left: () => lens.turn(-TURN, 0),
    right: () => lens.turn(TURN, 0),
    up: () => lens.turn(0, TURN),
    down: () => lens.turn(0, -TURN),
    in: () => lens.zoom(ZOOM),
    out: () => lens.zoom(1 / ZOOM),
    colour: () => legend.next(),
    mode: () => tools.nextMode(),
    clear: () => choice.pick([], "replace", "clear"),
    trails() {
      picture.trails = !picture.trails;
      tools.press("trails", picture.trails);
    },
    density() {
      dense = !picture.dense;
      refresh();
    },
    route: () => route.toggle(past),
  };
  return {
    show(frame) {
      latest = frame as AtlasFrame;
      picture.show(latest);
      choice.show(latest);
      pointing.show(latest);
      notes.show(latest);
      refresh();
    },
    setTheme(theme) {
      picture.setTheme(theme);
      legend.setTable(picture.table);
      refresh();
    },
    setState(state) {
      past = state.past;
      notes.setState(state);
      legend.setColour((state as AtlasState).colour);
    },
    setVisible: (visible) => picture.setVisible(visible),
    act,
    reset() {
      lens.reset();
      picture.invalidate();
    },
    status: (frame) => statusParts(frame as AtlasFrame),
    warning: (frame) => lossText(frame as AtlasFrame, pointing.lost),
    rate() {
      const { painted, arriving } = picture.rates();
      return arriving > 0 && painted > 0 ? `${Math.round(painted)} fps` : "";
    },
  };
}

export default widget<AtlasScene>(
  { kind: "atlas", noun: "Particles", canvasHint: "Arrow keys turn or move the picture", keys: KEYS, mouse: MOUSE },
  make,
);
