import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { FrameFeed, QUIET_MS } from "./link.ts";
import { Lifetime } from "./model.ts";
import type { Frame, FrameHeader } from "./protocol.ts";
import { readKeyframe, readMessage } from "./protocol.ts";

type Handler = (...args: never[]) => void;

class FakeModel {
  sent: Record<string, unknown>[] = [];
  traits: Record<string, unknown> = {};
  handlers = new Map<string, Set<Handler>>();

  get(name: string): unknown {
    return this.traits[name];
  }

  on(name: string, callback: Handler): void {
    if (!this.handlers.has(name)) this.handlers.set(name, new Set());
    this.handlers.get(name)!.add(callback);
  }

  off(name: string, callback?: Handler): void {
    if (callback) this.handlers.get(name)?.delete(callback);
  }

  send(content: unknown): void {
    this.sent.push(content as Record<string, unknown>);
  }

  fire(name: string, ...args: unknown[]): void {
    for (const handler of this.handlers.get(name) ?? []) handler(...(args as never[]));
  }

  acks(): unknown[] {
    return this.sent.filter((message) => message["type"] === "ack").map((message) => message["seq"]);
  }
}

function header(number: number, count = 2): FrameHeader {
  return {
    type: "frame", seq: number, number, step: number, time: 0, status: "", count, total: count, lost: 0,
    low: [0, 0, 0], high: [1, 1, 1], colour: "", range: [0, 0], blank: 0,
  };
}

function buffers(count = 2): ArrayBufferView[] {
  return [new DataView(new ArrayBuffer(6 * count)), new DataView(new ArrayBuffer(2 * count))];
}

function keyframe(number: number, count = 2): DataView {
  const text = JSON.stringify(header(number, count)).padEnd(300);
  const data = new Uint8Array(4 + 300 + 8 * count);
  new DataView(data.buffer).setUint32(0, 300, true);
  data.set(new TextEncoder().encode(text), 4);
  return new DataView(data.buffer);
}

function feed(model: FakeModel): { shown: number[]; link: FrameFeed; lifetime: Lifetime } {
  const shown: number[] = [];
  const lifetime = new Lifetime();
  const link = new FrameFeed(model, (frame: Frame) => shown.push(frame.header.number), lifetime);
  return { shown, link, lifetime };
}

test("a frame is acknowledged when it was drawn, not when it came", () => {
  const model = new FakeModel();
  const { link, lifetime } = feed(model);
  link.setVisible(true);
  model.fire("msg:custom", header(1), buffers());
  assert.deepEqual(model.acks(), []);
  link.drawn();
  assert.deepEqual(model.acks(), [1]);
  lifetime.end();
});

test("an older frame never replaces a newer one and is acknowledged at once", () => {
  const model = new FakeModel();
  const { shown, link, lifetime } = feed(model);
  link.setVisible(true);
  model.fire("msg:custom", header(5), buffers());
  model.fire("msg:custom", header(4), buffers());
  assert.deepEqual(shown, [5]);
  assert.deepEqual(model.acks(), [4]);
  link.drawn();
  assert.deepEqual(model.acks(), [4, 5]);
  lifetime.end();
});

test("a hidden view acknowledges without drawing, so that Python is never kept waiting", () => {
  const model = new FakeModel();
  const { lifetime } = feed(model);
  model.fire("msg:custom", header(1), buffers());
  assert.deepEqual(model.acks(), [1]);
  lifetime.end();
});

test("a reload starts from the keyframe", () => {
  const model = new FakeModel();
  model.traits["keyframe"] = keyframe(9);
  const { shown, lifetime } = feed(model);
  assert.deepEqual(shown, [9]);
  lifetime.end();
});

test("keyframes wait while the stream flows and are used once it is quiet", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const model = new FakeModel();
  const { shown, link, lifetime } = feed(model);
  link.setVisible(true);
  model.fire("msg:custom", header(1), buffers());
  link.drawn();
  model.traits["keyframe"] = keyframe(3);
  model.fire("change:keyframe");
  assert.deepEqual(shown, [1]);
  mock.timers.tick(QUIET_MS + 1);
  assert.deepEqual(shown, [1, 3]);
  assert.deepEqual(model.acks(), [1, 1], "the last ack is repeated once, in case Python still holds a frame");
  lifetime.end();
  mock.timers.reset();
});

test("the end of a view is reported and leaves no subscription", () => {
  const model = new FakeModel();
  const { link, lifetime } = feed(model);
  link.setVisible(true);
  lifetime.end();
  assert.equal(model.sent.at(-1)?.["gone"], true);
  assert.deepEqual([...model.handlers.values()].map((handlers) => handlers.size), [0, 0]);
});

test("a static page without send is no error", () => {
  const lifetime = new Lifetime();
  const model = { get: () => keyframe(1), on: () => undefined, off: () => undefined };
  const link = new FrameFeed(model, () => undefined, lifetime);
  link.intent("play", null);
  lifetime.end();
});

test("header and buffers that do not belong together are refused", () => {
  assert.equal(readMessage(header(1, 3), buffers(2)), null);
  assert.equal(readMessage({ type: "other" }, buffers()), null);
  assert.equal(readMessage(null, []), null);
  assert.equal(readMessage(header(1), buffers())?.header.count, 2);
});

test("a damaged keyframe is no frame", () => {
  const whole = keyframe(1);
  assert.equal(readKeyframe(whole)?.header.number, 1);
  assert.equal(readKeyframe(new DataView(whole.buffer, 0, 200)), null);
  assert.equal(readKeyframe(new DataView(whole.buffer, 0, 310)), null);
  assert.equal(readKeyframe(new DataView(new ArrayBuffer(0))), null);
});

test("buffers at odd offsets are read in place", () => {
  const base = new ArrayBuffer(101);
  const frame = readMessage(header(1), [new DataView(base, 1, 12), new DataView(base, 13, 4)]);
  assert.equal(frame?.positions.byteOffset, 1);
});
