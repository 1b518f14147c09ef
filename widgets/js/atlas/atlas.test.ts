import assert from "node:assert/strict";
import { test } from "node:test";
import schema from "../../stnb_widgets/static/scene.schema.json";
import { FIRST_KEYS, LAST_KEYS } from "../core/keys.ts";
import type { FrameHeader } from "../core/protocol.ts";
import { lossText, statusParts } from "./atlas.ts";
import { edgesOf } from "./axes.ts";
import { KEYS } from "./keys.ts";
import type { AtlasHeader, AtlasSelection, FieldHeader } from "./messages.ts";
import { Route } from "./notes.ts";
import { fairOrder } from "./order.ts";
import { pointsToDraw, sameParticles } from "./particles.ts";
import { frame } from "./sample.ts";

test("the status line says what is drawn and what is not", () => {
  assert.deepEqual(statusParts(frame({})), ["step 12", "t 0.12", "1,000 particles", "energy drift 3e-7"]);
  assert.deepEqual(statusParts(frame({ count: 500, status: "", time: null })), ["step 12", "t –", "500 of 1,000 particles"]);
  assert.equal(lossText(frame({})), "");
  assert.equal(lossText(frame({ lost: 7, blank: 1290 })), "7 lost (not finite), 1,290 without a speed");
  const field = { name: "heat", unit: "J", axis: 2, at: 0, range: [0, 1], lost: 3 } as FieldHeader;
  assert.equal(lossText(frame({ field }), 2), "2 markers lost, 3 gaps in heat");
});

test("every prefix of the fair order is a sample without repeats", () => {
  const order = fairOrder(10_000);
  assert.equal(new Set(order).size, 10_000);
  const prefix = order.subarray(0, 2000);
  const mean = prefix.reduce((sum, i) => sum + i, 0) / 2000;
  assert.ok(Math.abs(mean - 5000) < 250, `mean ${mean}`);
  assert.equal(fairOrder(0).length, 0);
});

test("the fair order is the one of Python", () => {
  assert.deepEqual([...fairOrder(12)], [0, 9, 7, 11, 5, 1, 10, 2, 8, 6, 4, 3]);
});

test("small clouds are always drawn whole", () => {
  assert.equal(pointsToDraw(1000, 1 / 64), 1000);
  assert.equal(pointsToDraw(1_000_000, 1 / 64), 15_625);
  assert.equal(pointsToDraw(100_000, 1 / 64), 4000);
  assert.equal(pointsToDraw(0, 1), 0);
});

test("frames of other particles are not blended", () => {
  assert.equal(sameParticles(frame({}), frame({})), true);
  assert.equal(sameParticles(frame({ count: 500 }), frame({})), false);
  assert.equal(sameParticles(frame({}), frame({}, { ids: new Uint8Array(4000) })), false);
  assert.equal(sameParticles(null, frame({})), false);
});

test("seen from outside a corner, three edges are hidden and six form the outline", () => {
  const box = [[0, 0, 0], [1, 1, 1]] as const;
  const edges = edgesOf(box, [5, -5, 5]);
  assert.equal(edges.length, 12);
  assert.equal(edges.filter((edge) => edge.behind).length, 3);
  assert.equal(edges.filter((edge) => edge.outline).length, 6);
  assert.equal(edgesOf(box, [0.5, 0.5, 0.5]).filter((edge) => edge.behind).length, 12);
});

test("every key has one action", () => {
  const all = [...FIRST_KEYS, ...KEYS, ...LAST_KEYS].flatMap((entry) => [...entry.keys]);
  assert.equal(new Set(all).size, all.length);
});

test("a route visits the kept steps, four a second, and ends at the newest", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const visited: number[] = [];
  const walking: boolean[] = [];
  const route = new Route((step) => visited.push(step), (on) => walking.push(on));
  route.toggle({ first: 3, last: 6, shown: null });
  const pass = (stops: number): void => {
    for (let i = 0; i < stops; i++) context.mock.timers.tick(250);
  };
  pass(8);
  assert.deepEqual(visited, [3, 4, 5, 6]);
  assert.deepEqual(walking, [true, false]);
  route.toggle({ first: 0, last: 240, shown: 100 });
  pass(2);
  assert.deepEqual(visited.slice(4), [102, 104, 106]);
  assert.equal(route.stop(), true);
  pass(4);
  assert.equal(visited.length, 7);
  route.toggle({ first: 5, last: 5, shown: null });
  assert.equal(route.stop(), false);
});

/** Every key of a type, checked by the compiler, so that the schema can be compared with the type. */
type Keys<T> = Record<keyof T, true>;

test("the selection and the field are those of scene.schema.json", () => {
  const selection: Keys<AtlasSelection> = { kind: true, by: true, shown: true, total: true, form: true, data: true };
  const field: Keys<FieldHeader> = { name: true, unit: true, axis: true, at: true, range: true, lost: true };
  assert.deepEqual(Object.keys(selection), schema.$defs.atlas_selection.required);
  assert.deepEqual(Object.keys(field), schema.$defs.atlas_frame.properties.field.required);
  const own: Keys<Omit<AtlasHeader, keyof FrameHeader>> = {
    count: true, total: true, lost: true, low: true, high: true, colour: true, range: true, blank: true, picked: true,
    kinds: true, field: true, districts: true, badge: true,
  };
  assert.deepEqual(Object.keys(own), schema.$defs.atlas_frame.required);
});
