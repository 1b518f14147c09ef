import assert from "node:assert/strict";
import { test } from "node:test";
import schema from "../../stnb_widgets/static/scene.schema.json";
import { FIRST_KEYS, LAST_KEYS } from "../core/keys.ts";
import type { FrameHeader, Scene, State } from "../core/protocol.ts";
import { LOST } from "../core/protocol.ts";
import { lossText, statusParts } from "./carriers.ts";
import { KEYS } from "./keys.ts";
import { facts, heardBy, lookAt, neighbour, strongest } from "./look.ts";
import type { CarriersFrame, CarriersHeader, CarriersScene, CarriersState } from "./messages.ts";
import { EVENTS, FACTS, MODES } from "./messages.ts";
import { BINS, Past, ROWS, rowOf } from "./past.ts";
import { ceiling, layOut, ringsOf } from "./picture.ts";
import { phaseShade, shadesFor, shadesOf } from "./shades.ts";
import { Span } from "./span.ts";
import { tableOrder } from "./table.ts";
import { agreement } from "./wheel.ts";
import { fromFrame } from "./why.ts";

type Own<T, Base> = Record<keyof Omit<T, keyof Base>, true>;

const BOUNDS: [number, number][] = [[0, 2], [0, 1], [-Math.PI, Math.PI], [0.1, 0.3], [0, 1], [0, 1], [0, 10]];
const bytes = (array: Uint8Array | Uint16Array | Uint32Array): Uint8Array => new Uint8Array(array.buffer);

/** Carriers at 0, 1, 2 rad/s with amplitudes 0.5, 1, 0; the first hears particles 7 and 9, the second particle 9. */
function frame(change: Partial<CarriersHeader> = {}, uids = [4, 5, 6]): CarriersFrame {
  const half = 32767;
  const rows = [[0, half, half, 0, 65534, 0, 0], [half, 65534, half, half, half, half, half], [65534, 0, 65534, 65534, 0, LOST, 65534]];
  const header: CarriersHeader = {
    type: "frame", seq: 1, number: 1, step: 12, time: 0.5, status: "", arrays: [], count: 3, total: 3, lost: 0, blank: 1,
    bounds: BOUNDS, tone_count: 2, tone_total: 2, tone_bounds: [[0, 2], [0, 6], [0, 4]], each: 2, order: 0.5, band: [-1, 3], events: [], ...change,
  };
  return {
    header,
    arrays: {
      uid: bytes(new Uint32Array(uids)), state: bytes(new Uint8Array([0, 2, 1])), numbers: bytes(new Uint16Array(rows.flat())),
      tone_uid: bytes(new Uint32Array([7, 9])), tones: bytes(new Uint16Array([0, 0, 65534, 65534, 65534, 0])),
      links: bytes(new Uint16Array([0, 1, 1, LOST, LOST, LOST])), weights: bytes(new Uint8Array([255, 51, 255, 0, 0, 0])),
    },
  };
}

test("the messages are those of scene.schema.json", () => {
  const own: { carriers_frame: Own<CarriersHeader, FrameHeader>; carriers_scene: Own<CarriersScene, Scene>; carriers_state: Own<CarriersState, State> } = {
    carriers_frame: {
      count: true, total: true, lost: true, blank: true, bounds: true, tone_count: true, tone_total: true, tone_bounds: true,
      each: true, order: true, band: true, events: true,
    },
    carriers_scene: { colour: true },
    carriers_state: { selected: true },
  };
  for (const [name, keys] of Object.entries(own)) {
    const definition = schema.$defs[name as "carriers_frame"];
    assert.deepEqual(Object.keys(keys), definition.required, name);
    assert.deepEqual(Object.keys(definition.properties), definition.required, name);
  }
  const kinds = schema.$defs.carriers_frame.properties.events.items.prefixItems[0]!;
  assert.deepEqual(Object.keys(EVENTS), (kinds as { enum: string[] }).enum);
  assert.deepEqual([...MODES], schema.$defs.carriers_scene.properties.colour.enum);
  assert.match(schema.$defs.carriers_frame.description, new RegExp(FACTS.slice(2).map(([key]) => key).join(", ")));
});

test("a frame becomes numbers, and what is missing NaN", () => {
  const look = lookAt(frame());
  assert.deepEqual([...look.omega].map((x) => Math.round(1000 * x)), [0, 1000, 2000]);
  assert.ok(Math.abs(look.amplitude[0]! - 0.5) < 1e-4);
  assert.ok(Number.isNaN(look.conflict[2]!));
  assert.deepEqual(heardBy(look, 0), [[0, 1], [1, 0.2]]);
  assert.deepEqual(heardBy(look, 2), []);
  assert.deepEqual(strongest(look), [1, 0, 2]);
  assert.deepEqual(facts(look, 2)[7], ["conflict", "–", ""]);
  assert.equal(facts(look, 1)[1]![1], "crystallized");
});

test("arrows go from neighbour to neighbour and stop at the ends; from nobody to the strongest", () => {
  const look = lookAt(frame());
  assert.deepEqual([neighbour(look, -1, 1), neighbour(look, 1, 1), neighbour(look, 2, 1), neighbour(look, 0, -1)], [1, 2, 2, 0]);
});

test("a row holds the strongest carrier of each cell", () => {
  const cells = rowOf(lookAt(frame()), [-1, 3]);
  assert.equal(cells.length, BINS);
  assert.equal(cells[BINS / 2], 1);
  assert.ok(Math.abs(cells[BINS / 4]! - 0.5) < 0.06);
  assert.equal(cells.filter((x) => x > 0).length, 10);
});

test("the past stays in order, whatever comes when, and never exceeds its rows", () => {
  const past = new Past();
  const add = (step: number, again = false): void => past.add(lookAt(frame({ step })), again);
  for (const step of [10, 30, 50]) add(step);
  add(20, true);
  add(30, true);
  assert.deepEqual(past.rows.map((row) => row.step), [10, 20, 30, 50]);
  add(25);
  assert.deepEqual(past.rows.map((row) => row.step), [10, 20, 25], "a run that went back forgets what came later");
  for (let step = 26; step < 26 + 2 * ROWS; step++) add(step);
  assert.equal(past.rows.length, ROWS);
  assert.equal(past.rows[ROWS - 1]!.step, 25 + 2 * ROWS);
  assert.equal(past.rowAt(past.depth(100)), past.rows[100]);
});

test("rows keep their frequencies when the band grows", () => {
  const past = new Past();
  past.add(lookAt(frame({ step: 1 })), false);
  past.add(lookAt(frame({ step: 2, band: [-3, 5] })), false);
  const [old, fresh] = past.rows.map(({ cells }) => cells.indexOf(Math.max(...cells)));
  assert.ok(Math.abs(old! - fresh!) <= 1);
  assert.ok(Math.abs(old! - BINS / 2) <= 1);
});

test("zooming keeps its centre, stays inside the band, and ends somewhere", () => {
  const span = new Span();
  span.setBand([0, 10]);
  span.zoom(2, 4);
  assert.deepEqual([span.low, span.high], [2, 7]);
  span.zoom(1, span.low, 9);
  assert.equal(span.high, 10);
  span.reveal(1);
  assert.ok(span.low <= 1 && span.share(1) > 0);
  span.setBand([0, 20]);
  assert.equal(Math.round(span.high - span.low), 5, "a grown band does not undo a zoom");
  span.zoom(1e9, 3);
  assert.ok(span.high - span.low > 0.04);
  span.reset();
  assert.deepEqual([span.low, span.high], [0, 20]);
  span.setBand([-5, 20]);
  assert.equal(span.low, -5, "who saw everything still does");
});

test("phases agree or cancel", () => {
  const look = lookAt(frame());
  const [re, im] = agreement(look);
  assert.ok(Math.abs(Math.hypot(re, im) - 1) < 1e-3);
  look.phase[0] = look.phase[1]! + Math.PI;
  look.amplitude[0] = look.amplitude[1]!;
  assert.ok(Math.hypot(...agreement(look)) < 1e-6);
  assert.equal(phaseShade(-Math.PI + 1e-9), phaseShade(Math.PI + 1e-9));
});

test("every colour mode has a colour for every carrier, grey for what is missing", () => {
  const shades = shadesFor(true);
  for (const mode of MODES) {
    const [list, chosen] = shadesOf(shades, lookAt(frame()), mode);
    assert.equal(chosen.length, 3);
    assert.ok(chosen.every((at) => list[at] !== undefined), mode);
  }
  const [list, chosen] = shadesOf(shades, lookAt(frame()), "conflict");
  assert.equal(chosen[2], list.length - 1);
});

test("the table puts pinned carriers first and sorts both ways", () => {
  const look = lookAt(frame());
  assert.deepEqual(tableOrder(look, "omega", 1, new Set()), [0, 1, 2]);
  assert.deepEqual(tableOrder(look, "amplitude", -1, new Set()), [1, 0, 2]);
  assert.deepEqual(tableOrder(look, "amplitude", -1, new Set([6])), [2, 1, 0]);
});

test("births and deaths are the differences of two frames", () => {
  const rings = ringsOf(lookAt(frame()), lookAt(frame({}, [4, 5, 8])), 0);
  assert.deepEqual(rings.map(({ born, omega }) => [born, Math.round(omega)]), [[true, 2], [false, 2]]);
});

test("panels stand side by side where there is room, and one alone where there is none", () => {
  assert.equal(layOut("all", 1000, 500).length, 4);
  assert.deepEqual(layOut("all", 400, 500).map(({ panel }) => panel), ["spectrum"]);
  assert.deepEqual(layOut("waves", 1000, 500).map(({ panel }) => panel), ["waves"]);
  for (const { area } of layOut("all", 720, 320)) assert.ok(area.w > 150 && area.h > 70);
  assert.equal(ceiling(0.9, 1), 1);
  assert.ok(ceiling(2, 1) > 2);
  assert.ok(ceiling(0, 1) > 0);
});

test("words say what is shown and what is not", () => {
  assert.deepEqual(statusParts(frame({ count: 3, total: 9, tone_total: 800, time: null, order: null })), ["step 12", "t –", "3 of 9 carriers", "2 of 800 oscillators"]);
  assert.equal(lossText(frame({ lost: 2, blank: 0 })), "2 lost (not finite)");
  assert.equal(lossText(frame({ blank: 0 })), "");
  assert.match(fromFrame(lookAt(frame()), 1).sentence, /crystallized/);
  assert.match(fromFrame(lookAt(frame()), 0).sentence, /order 1\b/);
});

test("every key has one action", () => {
  const all = [...FIRST_KEYS, ...KEYS, ...LAST_KEYS].flatMap((entry) => [...entry.keys]);
  assert.equal(new Set(all).size, all.length);
});
