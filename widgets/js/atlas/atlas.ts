import { count, short } from "../core/format.ts";
import type { Host, Widget } from "../core/mount.ts";
import { widget } from "../core/mount.ts";
import { gestures } from "./gestures.ts";
import { KEYS, MOUSE } from "./keys.ts";
import { Legend } from "./legend.ts";
import type { AtlasFrame, AtlasScene, AtlasState } from "./messages.ts";
import { Picture } from "./picture.ts";

const TURN = 0.12;
const ZOOM = 1.18;

/** "12 lost (not finite)", or nothing. */
export function lossText({ header }: AtlasFrame): string {
  const parts: string[] = [];
  if (header.lost) parts.push(`${count(header.lost)} lost (not finite)`);
  if (header.blank) parts.push(`${count(header.blank)} without a ${header.colour}`);
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
  const legend = new Legend(scene.attributes, (name) => host.intent("colour", name));
  shell.stage.append(legend.element);
  const picture = new Picture(
    shell.canvas,
    scene,
    { drawn: () => host.drawn(), failed: (reason) => shell.setNotice(reason) },
    lifetime,
  );
  const { camera } = picture;
  gestures(
    shell.canvas,
    camera,
    () => picture.invalidate(),
    () => shell.say("Click the picture, or hold Ctrl, to zoom with the wheel"),
    lifetime,
  );
  const actions: Record<string, () => void> = {
    left: () => camera.turn(-TURN, 0),
    right: () => camera.turn(TURN, 0),
    up: () => camera.turn(0, TURN),
    down: () => camera.turn(0, -TURN),
    in: () => camera.zoom(ZOOM),
    out: () => camera.zoom(1 / ZOOM),
    colour: () => legend.next(),
  };
  return {
    show(frame) {
      picture.show(frame as AtlasFrame);
      legend.setRange(picture.range.low, picture.range.high);
    },
    setTheme(theme) {
      picture.setTheme(theme);
      legend.setTable(picture.table);
    },
    setState: (state) => legend.setColour((state as AtlasState).colour),
    setVisible: (visible) => picture.setVisible(visible),
    act(action) {
      actions[action]?.();
      picture.invalidate();
    },
    reset() {
      camera.reset();
      picture.invalidate();
    },
    status: (frame) => statusParts(frame as AtlasFrame),
    warning: (frame) => lossText(frame as AtlasFrame),
    rate() {
      const { painted, arriving } = picture.rates();
      return arriving > 0 && painted > 0 ? `${Math.round(painted)} fps` : "";
    },
  };
}

export default widget<AtlasScene>(
  { kind: "atlas", noun: "Particles", canvasHint: "Arrow keys turn the picture", keys: KEYS, mouse: MOUSE },
  make,
);
