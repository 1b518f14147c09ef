import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera } from "../core/camera.ts";
import { Group } from "../core/group.ts";
import { Lifetime } from "../core/model.ts";
import { Choice } from "./choice.ts";
import { Flat, STILL, dragged, moved, movedBack } from "./flat.ts";
import type { AtlasSelection } from "./messages.ts";
import { combine, encode, flagsOf, idsOf, isInside, nearest, rowsInside, screenOf } from "./pick.ts";
import { bytes, frame } from "./sample.ts";

type Pair = [number, number];
const PLANE = [[0, 0, 0], [10, 10, 0]] as const;

function near(one: readonly number[], other: readonly number[], error = 1e-9): void {
  one.forEach((x, i) => assert.ok(Math.abs(x - other[i]!) < error, `${one} is not ${other}`));
}

test("a map of the disk and its inverse undo each other, and dragging brings p to q", () => {
  let map = STILL;
  let seed = 1;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const place = (most: number): Pair => {
    const [r, t] = [most * random(), 2 * Math.PI * random()];
    return [r * Math.cos(t), r * Math.sin(t)];
  };
  for (let round = 0; round < 200; round++) {
    const [p, q, z] = [place(0.7), place(0.7), place(0.99)];
    const under = movedBack(map, p);
    const next = dragged(map, p, q);
    near(moved(next, under), q, 1e-6);
    near([Math.hypot(...next.turn), Math.hypot(...moved(next, [0, 1]))], [1, 1], 1e-9);
    near(movedBack(next, moved(next, z)), z, 1e-6);
    map = Math.hypot(...next.a) < 0.9 ? next : STILL;
  }
  assert.deepEqual(dragged(STILL, [0, 0], [0.99999, 0]), STILL);
});

test("the disk keeps hyperbolic distances", () => {
  const map = dragged(dragged(STILL, [0.1, 0.2], [0.5, -0.3]), [0, 0], [-0.2, 0.4]);
  const apart = (a: Pair, b: Pair): number => {
    const [x, y] = moved({ a, turn: [1, 0] }, b);
    return 2 * Math.atanh(Math.hypot(x, y));
  };
  const [a, b]: [Pair, Pair] = [[0.3, -0.5], [-0.6, 0.1]];
  near([apart(moved(map, a), moved(map, b))], [apart(a, b)]);
});

test("a plane has equal scales, and what is dragged stays under the pointer", () => {
  const lens = new Flat(PLANE, false);
  lens.update(2);
  near(lens.project([5, 5], 800, 400), [400, 200], 1e-3);
  const unit = lens.unit(400);
  near([unit], [0.84 * 40], 1e-3);
  near(lens.project([6, 7], 800, 400), [400 + unit, 200 - 2 * unit], 1e-3);
  lens.drag(0, 0, 30, -20, 400);
  lens.update(2);
  near(lens.project([5, 5], 800, 400), [430, 220], 1e-2);
  lens.zoom(2, 100, 50, 400);
  const before = lens.project([6, 6], 800, 400);
  for (let i = 0; i < 200; i++) lens.settle(16, false);
  lens.update(2);
  near([lens.unit(400)], [2 * unit], 1e-2);
  const after = lens.project([6, 6], 800, 400);
  near([after[0] - 500, after[1] - 150], [2 * (before[0] - 500), 2 * (before[1] - 150)], 0.5);
  lens.reset();
  lens.settle(16, true);
  lens.update(2);
  near(lens.project([5, 5], 800, 400), [400, 200], 1e-2);
});

test("on the disk what is dragged stays under the pointer too", () => {
  const lens = new Flat([[-1, -1, 0], [1, 1, 0]], true);
  lens.update(1.5);
  const unit = lens.unit(400);
  lens.drag(0.1 * unit, 0, 0.5 * unit, 0.3 * unit, 400);
  lens.update(1.5);
  near(lens.project([0.1, 0], 600, 400), [300 + 0.5 * unit, 200 - 0.3 * unit], 0.05);
});

test("particles are put where the lens puts them, lost ones nowhere", () => {
  const codes = Uint16Array.from([0, 0, 0, 65534, 32767, 0, 65535, 65535, 65535]);
  const cloud = frame({ count: 3, total: 3, high: [10, 10, 10] }, { positions: bytes(codes) });
  const camera = new Camera([[0, 0, 0], [10, 10, 10]]);
  camera.update(1.5);
  const places = screenOf(cloud, camera, 600, 400);
  near([...places.slice(0, 4)], [...camera.project([0, 0, 0], 600, 400), ...camera.project([10, 5, 0], 600, 400)], 0.01);
  assert.ok(Number.isNaN(places[4]) && Number.isNaN(places[5]));
  assert.equal(nearest(places, places[2]! + 3, places[3]!, 10), 1);
  assert.equal(nearest(places, -500, -500, 10), -1);
  near([...screenOf(cloud, camera, 600, 400, 1, 2)], [...places.slice(2, 4)], 1e-9);
});

test("a lasso takes what is inside, also of a hollow", () => {
  const hollow = [0, 0, 10, 0, 10, 10, 5, 2, 0, 10];
  assert.deepEqual([isInside(5, 1, hollow), isInside(5, 5, hollow), isInside(1, 5, hollow), isInside(11, 1, hollow)], [true, false, true, false]);
  assert.deepEqual(rowsInside(Float32Array.from([5, 1, 5, 5, NaN, NaN, 1, 5]), hollow), [0, 3]);
});

test("selections combine as sets do", () => {
  const old = new Set([1, 2, 3]);
  const after = (mode: Parameters<typeof combine>[2]): number[] => [...combine(old, [3, 4], mode)].sort();
  assert.deepEqual([after("replace"), after("add"), after("subtract"), after("intersect")], [[3, 4], [1, 2, 3, 4], [1, 2], [3]]);
  assert.deepEqual([...old], [1, 2, 3]);
});

test("ids are those of the frame, of the fair order, or the rows", () => {
  assert.equal(idsOf(frame({})), null);
  assert.deepEqual([...idsOf(frame({ count: 4, total: 12 }))!], [0, 9, 7, 11]);
  const named = frame({ count: 2, total: 2 }, { ids: bytes(Uint32Array.from([70, 7])) });
  assert.deepEqual([...idsOf(named)!], [70, 7]);
  assert.deepEqual([...flagsOf(new Set([7]), 2, idsOf(named))], [0, 1]);
});

test("a selection travels as ids or as bits, whatever is shorter", () => {
  assert.deepEqual(encode(new Set([258]), false, 1000), { form: "ids", data: btoa("\x02\x01\0\0") });
  assert.deepEqual(encode(new Set([0, 3, 9]), false, 16), { form: "mask", data: btoa("\x09\x02") });
  assert.equal(encode(new Set([0, 3, 9]), true, 16).form, "ids");
});

test("a choice is told once, painted at once, and heard from Python and from the group", () => {
  const lifetime = new Lifetime();
  const group = new Group("", lifetime);
  const told: AtlasSelection[] = [];
  const painted: string[] = [];
  const note = (flags: Uint8Array | null): unknown => painted.push(flags ? flags.join("") : "none");
  const choice = new Choice(group, lifetime, (selection) => told.push(selection), note);
  const shown = (echo: number, by: string, mask: number[] = []): void =>
    choice.show(frame({ count: 4, total: 4, picked: [echo, by] }, mask.length ? { mask: Uint8Array.from(mask) } : {}));
  shown(0, "");
  choice.pick([1, 2], "replace", "lasso");
  assert.equal(painted.at(-1), "0110");
  assert.deepEqual([told.length, told[0]!.kind, told[0]!.shown], [1, "lasso", 4]);
  assert.deepEqual(group.get("selection"), { kind: "particle", ids: [1, 2] });
  shown(1, told[0]!.by, [1]);
  assert.equal(painted.at(-1), "0110");
  shown(2, "", [0b1001]);
  assert.equal(painted.at(-1), "1001");
  group.set("selection", { kind: "particle", ids: [3] });
  assert.equal(painted.at(-1), "0001");
  group.set("selection", null);
  assert.equal(painted.at(-1), "none");
  assert.equal(told.length, 1);
  lifetime.end();
});
