import assert from "node:assert/strict";
import { test } from "node:test";
import { fromShare, parseNumber, short, ticks, toShare } from "./format.ts";

test("numbers are short", () => {
  const cases: [number, string][] = [
    [0, "0"], [0.0125, "0.0125"], [1250.4, "1,250"], [3.1e-7, "3.1e−7"], [-2.5, "−2.5"], [2e9, "2e9"], [NaN, "–"],
    [0.1 + 0.2, "0.3"],
  ];
  for (const [value, text] of cases) assert.equal(short(value), text);
});

test("ticks are round, inside, and about as many as wanted", () => {
  assert.deepEqual(ticks(0, 31, 4), [0, 10, 20, 30]);
  assert.deepEqual(ticks(-1, 1, 4), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticks(2, 2), []);
  assert.deepEqual(ticks(0, 3e-9, 3), [0, 1e-9, 2e-9, 3e-9]);
});

test("a track maps its ends exactly and is undone by its inverse", () => {
  for (const track of [{ low: 1e-4, high: 0.1, log: true }, { low: -3, high: 5, log: false }]) {
    assert.equal(fromShare(track, 0), track.low);
    assert.equal(fromShare(track, 1), track.high);
    for (const share of [0.1, 0.5, 0.93]) {
      assert.ok(Math.abs(toShare(track, fromShare(track, share)) - share) < 2e-3);
    }
    assert.equal(toShare(track, track.low - 1e-5), 0);
    assert.equal(toShare(track, track.high * 2), 1);
  }
  assert.equal(fromShare({ low: 1, high: 100, log: true }, 0.5), 10);
});

test("typed numbers are understood or refused", () => {
  const cases: [string, number | null][] = [
    ["0.5", 0.5], [" 1e-3 ", 1e-3], ["1,250", 1250], ["0,5", 0.5], ["−2", -2], ["", null], ["abc", null], ["1e999", null],
    [".5", 0.5], ["5.", 5],
  ];
  for (const [text, value] of cases) assert.equal(parseNumber(text), value, text);
});

test("what is shown can be typed again", () => {
  for (const value of [1e-4, 0.0125, 300, 1250, 2e9, -3.5]) assert.equal(parseNumber(short(value)), value);
});
