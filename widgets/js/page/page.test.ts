import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, MOMENTS_PER_S } from "./clock.ts";
import { frameOf, stillAt } from "./film.ts";
import { PageModel } from "./model.ts";

function packed(step: number): string {
  const header = { type: "frame", seq: 7, number: 9, step, time: 0, status: "", arrays: [["x", "u1", [3]]] };
  let text = JSON.stringify(header);
  text += " ".repeat((4 - (text.length % 4)) % 4);
  const bytes = [text.length & 255, text.length >> 8, 0, 0, ...[...text].map((c) => c.charCodeAt(0)), 1, 2, 3, 0];
  return btoa(String.fromCharCode(...bytes));
}

test("a clock stands at the newest moment, and a wish for a neighbouring step reaches the neighbouring moment", () => {
  const clock = new Clock([30, 10, 20, 20, 50]);
  assert.deepEqual(clock.moments, [10, 20, 30, 50]);
  assert.equal(clock.newest, true);
  const seeks = [[49, 30], [31, 50], [49, 30], [29, 20], [45, 30], [9, 10], [0, 10], [-7, 10], [999, 50], [10, 10], [null, 50]] as const;
  for (const [wish, step] of seeks) {
    clock.seek(wish);
    assert.equal(clock.step, step, `seek ${wish}`);
  }
});

test("a clock plays from the start again at its end, at a steady pace, and stops", () => {
  const clock = new Clock([10, 20, 30, 50]);
  clock.pass(5);
  assert.equal(clock.step, 50, "nothing moves before it plays");
  clock.play();
  assert.deepEqual([clock.step, clock.playing], [10, true]);
  clock.pass(0.4 / MOMENTS_PER_S);
  assert.equal(clock.step, 10);
  clock.pass(0.7 / MOMENTS_PER_S);
  assert.equal(clock.step, 20);
  clock.pass(1 / MOMENTS_PER_S);
  assert.equal(clock.step, 30);
  clock.pass(9);
  assert.deepEqual([clock.step, clock.playing], [50, false]);
});

test("a speed is in steps of the simulation a second", () => {
  const clock = new Clock([10, 20, 50]);
  clock.speed = 10;
  clock.play();
  clock.pass(0.9);
  assert.equal(clock.step, 10);
  clock.pass(0.2);
  assert.equal(clock.step, 20);
  clock.pass(2.8);
  assert.equal(clock.step, 20);
  clock.pass(0.2);
  assert.equal(clock.step, 50);
});

test("one step forth pauses, and a run of one moment does not play", () => {
  const clock = new Clock([1, 2, 3]);
  clock.play();
  clock.next();
  assert.deepEqual([clock.step, clock.playing], [2, false]);
  clock.next();
  clock.next();
  assert.equal(clock.step, 3);
  const still = new Clock([4]);
  still.play();
  assert.deepEqual([still.step, still.playing, still.newest], [4, false, true]);
});

test("a still stands for every moment until the next one, and the first also for those before it", () => {
  const film = [[10, ""], [20, ""], [20, ""], [40, ""]] as const;
  assert.deepEqual([5, 10, 19, 20, 39, 40, 99].map((moment) => stillAt(film, moment)), [0, 0, 0, 2, 2, 3, 3]);
  assert.deepEqual([10, 30].map((moment) => stillAt([[20, ""], [10, ""]], moment)), [1, 0], "a run that began again");
});

test("a still becomes a frame under the number it is given, its arrays untouched", () => {
  const frame = frameOf([20, packed(20)], 41)!;
  assert.deepEqual([frame.header.number, frame.header.seq, frame.header.step], [41, 41, 20]);
  assert.deepEqual([...frame.arrays["x"]!], [1, 2, 3]);
  assert.equal(frameOf([20, btoa("damaged")], 1), null);
});

test("a model tells its listeners until they leave, and hears what its widget sends", () => {
  const heard: unknown[] = [];
  const model = new PageModel({ state: 1 }, (message) => heard.push(message));
  const listener = (): unknown => heard.push(model.get("state"));
  model.on("change:state", listener);
  model.set("state", 2);
  model.off("change:state", listener);
  model.set("state", 3);
  model.send("hello");
  assert.deepEqual(heard, [2, "hello"]);
  assert.equal(model.get("keyframe"), null);
});
