import { h, setText } from "../core/dom.ts";
import { count, short } from "../core/format.ts";
import type { Host, Widget } from "../core/mount.ts";
import { widget } from "../core/mount.ts";
import type { RenderContext } from "../core/model.ts";
import { readPacked } from "../core/protocol.ts";
import { Throttle } from "../core/throttle.ts";
import { KEYS, MOUSE } from "./keys.ts";
import { facts, lookAt, neighbour } from "./look.ts";
import { linking } from "./linking.ts";
import type { CarriersFrame, CarriersScene, CarriersState, Mode } from "./messages.ts";
import type { Choice, Panel } from "./picture.ts";
import { PANELS, pictureOn } from "./picture.ts";
import { pointing } from "./pointing.ts";
import { tabulate } from "./table.ts";
import { chip, toolsIn } from "./tools.ts";
import { explain } from "./why.ts";

const ZOOM = 1.4;
const SELECT_MS = 50;
const REASONS_MS = 700;

export function statusParts({ header }: CarriersFrame): string[] {
  const part = (shown: number, total: number): string => (shown < total ? `${count(shown)} of ${count(total)}` : count(total));
  return [
    `step ${count(header.step)}`,
    `t ${short(header.time ?? NaN, 4)}`,
    `${part(header.count, header.total)} carriers`,
    `${part(header.tone_count, header.tone_total)} oscillators`,
    header.status,
  ].filter(Boolean);
}

export function lossText({ header: { lost, blank } }: CarriersFrame): string {
  return [lost && `${count(lost)} lost (not finite)`, blank && `${count(blank)} incomplete`].filter(Boolean).join(", ");
}

function make(host: Host<CarriersScene>, film: readonly (readonly [step: number, packed: string])[]): Widget {
  const { scene, shell, group, lifetime } = host;
  const choice: Choice = {
    panel: "all", mode: scene.colour, picked: null, hovered: null, pins: new Set(), marked: new Set(), moment: null, brush: null,
  };
  const picture = pictureOn(shell.canvas, choice, () => host.drawn(), lifetime);
  const { span, past } = picture;
  const readout = h("div", { class: "stnb-told", "data-stnb": "readout" });
  const why = h("section", { class: "stnb-why", hidden: true });
  const table = h("div", { class: "stnb-table", hidden: true });
  const pinButton = chip({ "data-stnb": "pin" }, "Pin", pin);
  const whyButton = chip({ "data-stnb": "why" }, "Why alive?", () => toggle(why));
  const tableButton = chip({ "data-stnb": "table" }, "Table", () => toggle(table));
  shell.below.append(h("div", { class: "stnb-line" }, readout, pinButton, whyButton, tableButton), why, table);
  const tools = toolsIn(shell.tools, setPanel, () => {
    choice.mode = tools.select.value as Mode;
    refresh();
  });
  const selects = new Throttle<number[]>(Math.max(SELECT_MS, scene.intent_ms), (ids) => host.intent("select", { kind: "carrier", ids }));
  const panels = new Throttle<null>(REASONS_MS, () => {
    const { look } = picture;
    if (look && !why.hidden && choice.picked !== null) void explain(why, look, choice.picked, host.ask("why", choice.picked));
    if (look && !table.hidden) tabulate(table, look, choice.pins, choice.picked, pick);
  });
  lifetime.add(() => {
    selects.stop();
    panels.stop();
  });
  const tellOthers = linking(picture, group, refresh, lifetime);

  function refresh(): void {
    const { look } = picture;
    const focus = picture.focus();
    const place = picture.find(focus);
    const told = place < 0 ? [] : facts(look!, place).map((words) => words.join(" ").trim());
    setText(readout, told.join(" · ") || (focus === null ? "Point at a carrier, or use ← →" : `carrier ${focus} is gone`));
    setText(pinButton, choice.pins.has(choice.picked!) ? "Unpin" : "Pin");
    pinButton.disabled = choice.picked === null;
    whyButton.ariaExpanded = String(!why.hidden);
    tableButton.ariaExpanded = String(!table.hidden);
    Object.assign(shell.root.dataset, { picked: choice.picked ?? "", panel: choice.panel });
    tools.show(picture);
    picture.invalidate();
  }

  function pick(uid: number | null, tell = true): void {
    if (uid === choice.picked) return;
    choice.picked = uid;
    if (tell) selects.push(uid === null ? [] : [uid]);
    const place = picture.find(uid);
    if (place >= 0) span.reveal(picture.look!.omega[place]!);
    why.hidden ||= uid === null;
    tellOthers();
    panels.push(null);
    refresh();
  }

  function setPanel(panel: Panel): void {
    choice.panel = panel === choice.panel ? "all" : panel;
    refresh();
  }

  function walk(by: number): void {
    const { look } = picture;
    if (look?.uid.length) pick(look.uid[neighbour(look, picture.find(choice.picked), by)]!);
  }

  function toggle(element: HTMLElement): void {
    if (choice.picked === null && element === why) walk(1);
    element.hidden = !element.hidden || (choice.picked === null && element === why);
    panels.push(null);
    refresh();
  }

  function pin(): void {
    const { picked, pins } = choice;
    if (picked !== null && !pins.delete(picked)) pins.add(picked);
    panels.push(null);
    refresh();
  }

  function toMoment(step: number | null): void {
    group.set("moment", step);
    host.intent("seek", step);
  }

  function later(by: number): void {
    const at = choice.moment === null ? past.rows.length - 1 : past.index(choice.moment);
    const row = past.rows[Math.max(0, at + by)];
    toMoment(row && row !== past.rows[past.rows.length - 1] ? row.step : null);
  }

  function zoom(factor: number): void {
    const place = picture.find(choice.picked);
    span.zoom(factor, place < 0 ? span.at(0.5) : picture.look!.omega[place]!);
    picture.invalidate();
  }

  pointing(
    picture,
    {
      hover(uid) {
        if (uid === choice.hovered) return;
        choice.hovered = uid;
        tellOthers();
        refresh();
      },
      pick,
      moment: (step) => toMoment(step === choice.moment ? null : step),
    },
    lifetime,
  );

  const actions: Record<string, (key: string) => void> = {
    panel: (key) => setPanel(Object.keys(PANELS)[Number(key)] as Panel),
    left: () => walk(-1),
    right: () => walk(1),
    earlier: () => later(-1),
    later: () => later(1),
    in: () => zoom(ZOOM),
    out: () => zoom(1 / ZOOM),
    colour() {
      tools.select.selectedIndex = (tools.select.selectedIndex + 1) % tools.select.length;
      tools.select.dispatchEvent(new Event("change"));
    },
    pin,
    why: () => toggle(why),
    table: () => toggle(table),
  };
  for (const [, packed] of film) {
    const frame = readPacked(Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)));
    if (frame) past.add(lookAt(frame as CarriersFrame), true);
  }
  refresh();

  let last = -1;
  let wanted: number | null = null;
  return {
    show(frame) {
      picture.show(frame as CarriersFrame, frame.header.step < last);
      tellOthers();
      panels.push(null);
      refresh();
    },
    setTheme(theme) {
      picture.setTheme(theme);
      refresh();
    },
    setState(state) {
      last = state.past?.last ?? -1;
      const { selected = null } = state as CarriersState;
      if (selected !== wanted) pick((wanted = selected), false);
    },
    setVisible: (visible) => picture.setVisible(visible),
    act: (action, key) => actions[action]?.(key),
    reset() {
      span.reset();
      toMoment(null);
      pick(null);
      picture.invalidate();
    },
    status: (frame) => statusParts(frame as CarriersFrame),
    warning: (frame) => lossText(frame as CarriersFrame),
    rate: () => "",
  };
}

const WORDS = { kind: "carriers", noun: "Carriers", canvasHint: "Arrow keys go from carrier to carrier", keys: KEYS, mouse: MOUSE };

/** A page without a kernel gives its model the film, from which the waterfall is whole at once. */
export default {
  render(context: RenderContext): () => void {
    const film = context.model.get("film") as [number, string][] | null;
    return widget<CarriersScene>(WORDS, (host) => make(host, film ?? [])).render(context);
  },
};
