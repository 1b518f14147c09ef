import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Camera } from "./camera.ts";
import { colourTable, cssGradient } from "./colours.ts";
import { Group } from "./group.ts";
import { FIRST_KEYS, LAST_KEYS, actionOf } from "./keys.ts";
import { Lifetime } from "./model.ts";
import { isDark, parseRgb } from "./theme.ts";
import { Throttle } from "./throttle.ts";
import { CalmRange, DetailShare, Tween } from "./tween.ts";

const plain = { ctrlKey: false, metaKey: false, altKey: false };

test("a key has its action, and shortcuts of the browser are left alone", () => {
  const table = [...FIRST_KEYS, { keys: ["c"], shown: "C", action: "colour", text: "" },
    { keys: ["Shift+ArrowLeft"], shown: "Shift ←", action: "far", text: "" }, ...LAST_KEYS];
  for (const { keys, action } of [...FIRST_KEYS, ...LAST_KEYS]) {
    for (const key of keys) assert.equal(actionOf(table, { ...plain, key }), action);
  }
  assert.equal(actionOf(table, { ...plain, key: "C", shiftKey: true }), "colour");
  assert.equal(actionOf(table, { ...plain, key: "?", shiftKey: true }), "help");
  assert.equal(actionOf(table, { ...plain, key: "ArrowLeft", shiftKey: true }), "far");
  assert.equal(actionOf(table, { ...plain, key: "ArrowLeft" }), null);
  assert.equal(actionOf(table, { ...plain, key: "c", ctrlKey: true }), null);
  assert.equal(actionOf(table, { ...plain, key: "x" }), null);
});

test("widgets of a group hear each other at once, those of another do not, and nothing is left on the page", () => {
  const [one, two] = [new Lifetime(), new Lifetime()];
  const heard: unknown[] = [];
  const first = new Group("run", one);
  const second = new Group("run", two);
  const other = new Group("other", two);
  const alone = new Group("", two);
  second.on("brush", (brush) => heard.push(["second", brush]), two);
  first.on("brush", (brush) => heard.push(["first", brush]), one);
  other.on("brush", () => heard.push("other"), two);
  alone.on("brush", () => heard.push("alone"), two);
  first.set("brush", [3, 9]);
  first.set("brush", [3, 9]);
  assert.deepEqual(heard, [["second", [3, 9]], ["first", [3, 9]]]);
  assert.deepEqual(second.get("brush"), [3, 9]);
  assert.equal(alone.get("brush"), undefined);
  one.end();
  second.set("brush", null);
  assert.deepEqual(heard.slice(2), [["second", null]]);
  two.end();
  assert.equal(Symbol.for("stnb") in globalThis, false);
});

test("the colour map rises evenly in lightness, also where it is dimmed", () => {
  for (const dim of [0, 0.09, -0.06]) {
    const table = colourTable(64, dim);
    const light = Array.from({ length: 64 }, (_, i) => luminance(table, i));
    for (let i = 1; i < 64; i++) assert.ok(light[i]! > light[i - 1]!, `entry ${i} at dim ${dim}`);
  }
  assert.match(cssGradient(colourTable()), /^linear-gradient\(to right,rgb\(\d+,\d+,\d+\)/);
});

function luminance(table: Uint8Array, i: number): number {
  const [r, g, b] = [0, 1, 2].map((c) => (table[4 * i + c]! / 255) ** 2.2) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test("themes are told apart in every notation of computed colours", () => {
  assert.equal(isDark(parseRgb("rgb(17, 17, 17)")), true);
  assert.equal(isDark(parseRgb("rgba(255, 255, 255, 1)")), false);
  assert.equal(isDark(parseRgb("color(srgb 0.05 0.06 0.09)")), true);
  assert.equal(isDark(parseRgb("color(srgb 0.97 0.97 9.7e-1)")), false);
});

test("a throttle sends the first value at once and never loses the last", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const seen: number[] = [];
  const throttle = new Throttle<number>(16, (value) => seen.push(value));
  for (let i = 0; i < 10; i++) throttle.push(i);
  assert.deepEqual(seen, [0]);
  mock.timers.tick(16);
  assert.deepEqual(seen, [0, 9]);
  throttle.push(10);
  throttle.stop();
  mock.timers.tick(100);
  assert.deepEqual(seen, [0, 9]);
  mock.timers.reset();
});

test("the camera centres the box, keeps z up, and comes home on reset", () => {
  const camera = new Camera([[0, 0, 0], [31, 31, 31]]);
  camera.update(1.6);
  const [x, y] = camera.project([15.5, 15.5, 15.5], 800, 500);
  assert.ok(Math.abs(x - 400) < 1e-3 && Math.abs(y - 250) < 1e-3);
  assert.ok(camera.project([15.5, 15.5, 31], 800, 500)[1] < 250);
  for (let corner = 0; corner < 8; corner++) {
    const [u, v] = camera.project([0, 1, 2].map((i) => (corner >> i) & 1 ? 31 : 0), 800, 500);
    assert.ok(u > 0 && u < 800 && v > 0 && v < 500, "every corner is in the picture");
  }
  camera.turn(9, 3);
  camera.zoom(100);
  assert.equal(camera.settle(16, false), true);
  camera.settle(0, true);
  camera.reset();
  camera.settle(0, true);
  assert.ok(Math.abs(camera.fog[1] - 4.9) < 1e-9);
  camera.update(1.6);
  assert.ok(Math.abs(camera.project([31, 15.5, 15.5], 800, 500)[0] - 400) > 50);
});

test("a tween takes as long as frames are apart, and jumps after a pause", () => {
  const tween = new Tween();
  tween.frame(0);
  assert.equal(tween.at(10), 1);
  tween.frame(100);
  assert.ok(Math.abs(tween.at(150) - 0.5) < 1e-9);
  assert.equal(tween.at(400), 1);
  tween.frame(9000);
  assert.equal(tween.at(9000), 1);
});

test("the colour range grows at once and shrinks slowly", () => {
  const range = new CalmRange();
  range.take("speed", 0, 10);
  range.take("speed", 1, 20);
  assert.equal(range.high, 20);
  assert.ok(range.low > 0 && range.low < 0.1);
  range.take("heat", 5, 6);
  assert.deepEqual([range.low, range.high], [5, 6]);
});

test("detail halves when frames are slow and comes back when they are quick", () => {
  const detail = new DetailShare();
  for (let i = 0; i < 6; i++) detail.frameTook(90);
  assert.equal(detail.value, 0.25);
  for (let i = 0; i < 400; i++) detail.frameTook(8);
  assert.equal(detail.value, 1);
  for (let i = 0; i < 400; i++) detail.frameTook(500);
  assert.equal(detail.value, 1 / 64);
});

test("a lifetime ends once, in reverse order, by its signal", () => {
  const controller = new AbortController();
  const lifetime = new Lifetime(controller.signal);
  const seen: number[] = [];
  lifetime.add(() => seen.push(1));
  lifetime.add(() => seen.push(2));
  controller.abort();
  lifetime.end();
  assert.deepEqual(seen, [2, 1]);
  lifetime.add(() => seen.push(3));
  assert.deepEqual(seen, [2, 1, 3]);
});
