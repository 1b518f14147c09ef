import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_KEYS, LAST_KEYS } from "../core/keys.ts";
import { lossText, statusParts } from "./atlas.ts";
import { edgesOf } from "./axes.ts";
import { KEYS } from "./keys.ts";
import type { AtlasFrame as Frame, AtlasHeader as FrameHeader } from "./messages.ts";
import { fairOrder, pointsToDraw, sameParticles } from "./particles.ts";

function frame(change: Partial<FrameHeader>): Frame {
  const header: FrameHeader = {
    type: "frame", seq: 1, number: 1, step: 12, time: 0.12, status: "energy drift 3e-7", arrays: [], count: 1000, total: 1000,
    lost: 0, low: [0, 0, 0], high: [1, 1, 1], colour: "speed", range: [0, 1], blank: 0, ...change,
  };
  return { header, arrays: {} };
}

test("the status line says what is drawn and what is not", () => {
  assert.deepEqual(statusParts(frame({})), ["step 12", "t 0.12", "1,000 particles", "energy drift 3e-7"]);
  assert.deepEqual(statusParts(frame({ count: 500, status: "", time: null })), ["step 12", "t –", "500 of 1,000 particles"]);
  assert.equal(lossText(frame({})), "");
  assert.equal(lossText(frame({ lost: 7, blank: 1290 })), "7 lost (not finite), 1,290 without a speed");
});

test("every prefix of the fair order is a sample without repeats", () => {
  const order = fairOrder(10_000);
  assert.equal(new Set(order).size, 10_000);
  const prefix = order.subarray(0, 2000);
  const mean = prefix.reduce((sum, i) => sum + i, 0) / 2000;
  assert.ok(Math.abs(mean - 5000) < 250, `mean ${mean}`);
  assert.equal(fairOrder(0).length, 0);
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
