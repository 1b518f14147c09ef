import { h } from "../core/dom.ts";
import { count, short } from "../core/format.ts";
import type { Host, Widget } from "../core/mount.ts";
import { widget } from "../core/mount.ts";
import { Throttle } from "../core/throttle.ts";
import { makeEnquiries } from "./enquiries.ts";
import { gestures } from "./gestures.ts";
import { KEYS, MOUSE } from "./keys.ts";
import { clamp, heightFor, lanesOf } from "./layout.ts";
import { Legend, withUnit } from "./legend.ts";
import { makeMarks } from "./marks.ts";
import type { Scale, TimelineFrame, TimelineScene, TimelineState } from "./messages.ts";
import type { Look } from "./picture.ts";
import { picture } from "./picture.ts";
import { readout } from "./readout.ts";
import type { Chart } from "./series.ts";
import { decodeFrame } from "./series.ts";
import { SCALES, makeTools, scaleMenu } from "./tools.ts";
import { View } from "./view.ts";

const WISH_MS = 80;
const SLOW_MS = 500;

/** "step 1,200", "t 12", "70,000 samples", and what else there is to say. */
export function statusParts({ header }: TimelineFrame, { first, last }: { first: number; last: number }): string[] {
  const { step, time, total, events, event_total, status } = header;
  return [
    `step ${count(step)}`,
    `t ${time === null ? "–" : short(time, 4)}`,
    `${count(total)} samples`,
    `shown ${count(Math.round(first))} … ${count(Math.round(last))}`,
    events.length < event_total ? `${events.length} of ${count(event_total)} events` : "",
    status,
  ].filter(Boolean);
}

/** "4,000 not finite in c0", or nothing. */
export function gapText({ header: { shown, holes } }: TimelineFrame): string {
  const broken = shown.filter((_, i) => holes[i]! > 0);
  const where = broken.length > 2 ? `${broken.length} channels` : broken.join(" and ");
  return where && `${count(holes.reduce((sum, one) => sum + one))} not finite in ${where}`;
}

function make(host: Host<TimelineScene>): Widget {
  const { scene, shell, lifetime } = host;
  const { canvas, stage, root } = shell;
  const names = Object.keys(scene.channels);
  let shown: string[] = [];
  let before: string[] = [];
  let scales: Record<string, Scale> = {};
  let frame: TimelineFrame | null = null;
  let chart: Chart | null = null;
  const sent = new Set<string>();

  const view = new View();
  const look: Look = { active: "", overlay: false, cross: null, moment: null, brush: null };
  const screen = picture(canvas, scene, view, look, true, () => host.drawn(), lifetime);
  const corner = h("div", { class: "stnb-readout", hidden: true, "data-stnb": "readout" });
  const legend = new Legend(scene.channels, (name, alone) => (alone ? solo(name) : toggle(name)), (name) => activate(name));
  const tools = makeTools((action) => act(action, ""));
  const menu = scaleMenu((scale) => setScale(scale));
  const enquiries = makeEnquiries(host);
  shell.tools.append(menu, ...Object.values(tools));
  shell.below.append(legend.element, enquiries.panel, enquiries.table);
  stage.append(corner);

  const words = (): void => {
    screen.invalidate();
    if (chart) readout(corner, chart, look.cross, screen.x, screen.colour, look.active);
    corner.classList.toggle("stnb-left", look.cross !== null && screen.x(look.cross) > canvas.clientWidth / 2);
    tools.now.hidden = look.moment === null;
    tools.unbrush.hidden = !look.brush;
    const pressed = { follow: view.following, overlay: look.overlay, harmonics: !enquiries.panel.hidden, table: !enquiries.table.hidden };
    for (const [name, on] of Object.entries(pressed)) tools[name as keyof typeof pressed].ariaPressed = String(on);
    menu.value = scales[look.active] ?? "linear";
    menu.ariaLabel = `axis of ${look.active}`;
    const said = { window: [view.first, view.last], brush: look.brush ?? [], moment: look.moment ?? "" };
    for (const [name, what] of Object.entries(said)) root.dataset[name] = String(what);
  };
  const marks = makeMarks(host, look, words);
  const slowly = new Throttle<null>(SLOW_MS, () => chart && enquiries.refresh(chart, view.first, view.last));
  const wishes = new Throttle<null>(WISH_MS + scene.intent_ms, () => {
    const wish = view.wish(canvas.clientWidth);
    if (sent.size > 99) sent.clear();
    sent.add(String([wish.first, wish.last, wish.span]));
    host.intent("window", wish);
  });
  lifetime.add(() => {
    wishes.stop();
    slowly.stop();
  });

  const moved = (): void => {
    wishes.push(null);
    slowly.push(null);
    words();
    host.describe();
  };
  /** Another frame, another axis, other lanes: everything but the window is new. */
  const renew = (): void => {
    if (frame) screen.show((chart = decodeFrame(frame, scales)));
    const lanes = lanesOf(frame?.header.shown ?? shown, scene.groups, look.overlay);
    const height = heightFor(lanes.length);
    stage.style.height = height ? `${height}px` : "";
    const { latest = [], shown: drawn = [] } = frame?.header ?? {};
    legend.paint(
      look.active,
      screen.colour,
      (name) => (shown.includes(name) ? Math.max(0, ...lanes.map((members) => members.indexOf(drawn.indexOf(name)))) : -1),
      (name) => withUnit(latest[drawn.indexOf(name)], scene.channels[name]),
    );
    words();
  };
  const activate = (name: string | undefined): void => {
    if (name === undefined || !shown.includes(name) || name === look.active) return;
    look.active = name;
    renew();
  };
  const setShown = (wanted: string[]): void => {
    if (!wanted.length) return shell.say("One channel stays");
    shown = wanted;
    host.intent("show", shown);
    if (!shown.includes(look.active)) look.active = shown[0]!;
    renew();
  };
  const toggle = (name: string | undefined): void => setShown(names.filter((other) => shown.includes(other) !== (other === name)));
  const solo = (name: string): void => {
    const alone = String(shown) === name;
    const wanted = alone ? before : [name];
    if (!alone) before = shown;
    look.active = name;
    setShown(wanted);
  };
  const setScale = (scale: Scale): void => {
    const mates = Object.values(scene.groups).find((members) => members.includes(look.active)) ?? [look.active];
    scales = { ...scales, ...Object.fromEntries(mates.map((name) => [name, scale])) };
    host.intent("scale", { name: look.active, scale });
    renew();
  };
  const cross = (): number => look.cross ?? Math.round((view.first + Math.min(view.last, view.run[1])) / 2);
  /** Move the crosshair, and the window after it. */
  const crossTo = (step: number): void => {
    const held = clamp(Math.round(step), ...view.run);
    if (held < view.first || held > view.last) {
      view.pan(held - (view.first + view.last) / 2);
      moved();
    }
    marks.setCross(held);
  };
  const pace = (): number => Math.max(1, view.length / 200);
  const share = (): number | undefined => (look.cross === null ? undefined : (look.cross - view.first) / view.length);
  const neighbour = (by: number) => (): void => activate(shown[shown.indexOf(look.active) + by]);

  const moves: Record<string, () => void> = {
    left: () => view.pan(-0.15 * view.length),
    right: () => view.pan(0.15 * view.length),
    in: () => view.zoom(1.5, share()),
    out: () => view.zoom(1 / 1.5, share()),
    home: () => view.home(),
    follow: () => view.followOn(),
    reset: () => view.follow(null),
  };
  const deeds: Record<string, () => void> = {
    up: neighbour(-1),
    down: neighbour(1),
    back: () => crossTo(cross() - pace()),
    forth: () => crossTo(cross() + pace()),
    event: () => {
      const next = chart?.events.find(([step]) => step > (look.cross ?? -1));
      if (next) crossTo(next[0]);
      else shell.say("No later event here");
    },
    moment: () => marks.setMoment(cross(), view.run),
    now: () => marks.setMoment(null, view.run),
    brush: () => {
      if (marks.anchor !== null) marks.setBrush([marks.anchor, cross()], view.run);
      else shell.say("Press B again at the other end");
      marks.anchor = marks.anchor === null ? cross() : null;
    },
    unbrush: () => marks.setBrush(null, view.run),
    solo: () => solo(look.active),
    overlay: () => {
      look.overlay = !look.overlay;
      renew();
    },
    scale: () => setScale(SCALES[(SCALES.indexOf(scales[look.active]!) + 1) % 3]!),
    harmonics: () => void enquiries.harmonics(look.active, view.first, view.last),
    table: () => {
      enquiries.table.hidden = !enquiries.table.hidden;
      if (chart) enquiries.refresh(chart, view.first, view.last);
    },
    save: () => chart && void enquiries.save(chart, view.first, view.last),
  };
  const act = (action: string, key: string): void => {
    if (action === "digit") toggle(names[Number(key) - 1]);
    deeds[action]?.();
    moves[action]?.();
    if (moves[action]) moved();
    words();
  };

  gestures(
    canvas,
    screen.layout,
    {
      pan(pixels) {
        view.pan(screen.step(pixels) - screen.step(0));
        moved();
      },
      zoom(factor, at) {
        view.zoom(factor, at);
        moved();
      },
      point(x, y) {
        const { left, right, lanes } = screen.layout();
        const inside = x !== null && x >= left && x <= right;
        const lane = lanes.find(({ top, bottom }) => y >= top && y < bottom);
        if (inside && lane?.members.length === 1) activate(chart?.names[lane.members[0]!]);
        marks.setCross(inside ? Math.round(screen.step(x)) : null);
      },
      brush: (from, to) => marks.setBrush([screen.step(from), screen.step(to)], view.run),
      click: (x) => marks.setMoment(screen.step(x), view.run),
      strip(part) {
        const [first, last] = view.run;
        view.pan(first + part * (last - first) - (view.first + view.last) / 2);
        moved();
      },
      whole() {
        marks.setMoment(marks.before, view.run);
        act("reset", "");
      },
      wheelRefused: () => shell.say("Click, or hold Ctrl, to zoom by the wheel"),
    },
    lifetime,
  );

  return {
    show(next) {
      frame = next as TimelineFrame;
      renew();
      const { edges } = chart!.whole;
      view.setRun(edges[0]!, edges[edges.length - 1]!);
      slowly.push(null);
      words();
    },
    setTheme(theme) {
      screen.setTheme(theme);
      enquiries.setTheme(theme);
      renew();
    },
    setState(raw) {
      const { window, span, ...state } = raw as TimelineState;
      if (!sent.has(String([...(window ?? [null, null]), span]))) {
        if (window) view.show(...window);
        else view.follow(span);
      }
      ({ shown, scales } = state);
      if (!shown.includes(look.active)) look.active = shown[0]!;
      marks.restore(state.brush);
      renew();
    },
    setVisible: screen.setVisible,
    act,
    reset: () => act("reset", ""),
    status: (next) => statusParts(next as TimelineFrame, view),
    warning: (next) => gapText(next as TimelineFrame),
    rate: () => "",
  };
}

export default widget<TimelineScene>(
  { kind: "timeline", noun: "Timeline", canvasHint: "Arrow keys move the window and choose a channel", keys: KEYS, mouse: MOUSE },
  make,
);
