import type { Host } from "../core/mount.ts";
import { Throttle } from "../core/throttle.ts";
import { clamp } from "./layout.ts";
import type { TimelineScene } from "./messages.ts";
import type { Look } from "./picture.ts";

const BRUSH_MS = 34;
const KIND = "step";

type Run = readonly [number, number];

export interface Marks {
  /** Where a brush by keys began. */
  anchor: number | null;
  /** The moment before the last click, in case two clicks were one gesture. */
  before: number | null;
  /** A window of steps, within the run, or none. */
  setBrush(ends: number[] | null, run: Run): void;
  /** Everybody shows this step; null, and the newest: what happens now. */
  setMoment(step: number | null, run: Run): void;
  setCross(id: number | null): void;
  /** What Python still knows of a brush after a reload. */
  restore(brush: Look["brush"]): void;
}

/** What was marked and is shared with the group: brush, moment, and the step under the pointer. */
export function makeMarks({ group, lifetime, scene, intent }: Host<TimelineScene>, look: Look, changed: () => void): Marks {
  const brushes = new Throttle<Look["brush"]>(BRUSH_MS + scene.intent_ms, (brush) => intent("brush", brush));
  lifetime.add(() => brushes.stop());
  const see = (change: Partial<Look>): void => {
    Object.assign(look, change);
    changed();
  };
  group.on("brush", (brush) => see({ brush }), lifetime);
  group.on("moment", (moment) => see({ moment }), lifetime);
  group.on("hover", (hover) => see({ cross: hover?.kind === KIND ? hover.id : null }), lifetime);
  look.brush = group.get("brush") ?? null;
  look.moment = group.get("moment") ?? null;
  const marks: Marks = {
    anchor: null,
    before: null,
    setBrush(ends, run) {
      const brush = ends && (ends.map((step) => clamp(Math.round(step), ...run)).sort((a, b) => a - b) as [number, number]);
      group.set("brush", brush);
      brushes.push(brush);
    },
    setMoment(step, run) {
      const moment = step === null || step >= run[1] ? null : clamp(Math.round(step), ...run);
      marks.before = look.moment;
      if (moment === look.moment) return;
      group.set("moment", moment);
      intent("seek", moment);
    },
    setCross: (id) => group.set("hover", id === null ? null : { kind: KIND, id }),
    restore(brush) {
      if (group.get("brush") === undefined) look.brush = brush;
      changed();
    },
  };
  return marks;
}
