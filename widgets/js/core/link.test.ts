import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { FrameFeed, PATIENCE_MS, QUIET_MS } from "./link.ts";
import { Lifetime } from "./model.ts";
import type { Frame, FrameHeader } from "./protocol.ts";
import { fromCode, numbers, readMessage, readPacked } from "./protocol.ts";

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
    type: "frame", seq: number, number, step: number, time: 0, status: "",
    arrays: [["places", "u2", [count, 3]], ["sizes", "f4", [count]]],
  };
}

function buffers(count = 2): ArrayBufferView[] {
  return [new DataView(new ArrayBuffer(6 * count)), new DataView(new ArrayBuffer(4 * count))];
}

/** Three particles take 18 bytes, so that the sizes begin after two bytes of padding. */
function keyframe(number: number, count = 3): DataView {
  const text = JSON.stringify(header(number, count)).padEnd(300);
  const data = new Uint8Array(4 + 300 + Math.ceil((6 * count) / 4) * 4 + 4 * count);
  new DataView(data.buffer).setUint32(0, 300, true);
  data.set(new TextEncoder().encode(text), 4);
  new DataView(data.buffer).setFloat32(data.byteLength - 4, 7, true);
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

test("a question is answered under its number, refused with its reason, or given up", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const model = new FakeModel();
  const { link, lifetime } = feed(model);
  const asked = ["one", "two", "three", "four"].map((name) => link.ask("particle", name));
  const ids = model.sent.filter((message) => message["type"] === "ask").map((message) => message["id"]);
  assert.equal(new Set(ids).size, 4);
  model.fire("msg:custom", { type: "answer", id: ids[1], value: { heat: 3 }, error: "" }, []);
  model.fire("msg:custom", { type: "answer", id: ids[0], value: null, error: "no such particle" }, []);
  model.fire("msg:custom", { type: "answer", id: "somebody else's", value: 1, error: "" }, []);
  assert.deepEqual(await asked[1], { heat: 3 });
  await assert.rejects(asked[0]!, /no such particle/);
  mock.timers.tick(PATIENCE_MS + 1);
  await assert.rejects(asked[2]!, /busy or gone/);
  const last = link.ask("particle", "five");
  lifetime.end();
  await assert.rejects(last, /closed/);
  await assert.rejects(asked[3]!, /busy or gone/);
  mock.timers.reset();
});

test("header and buffers that do not belong together are refused", () => {
  assert.equal(readMessage(header(1, 3), buffers(2)), null);
  assert.equal(readMessage(header(1), buffers().slice(1)), null);
  assert.equal(readMessage({ type: "other" }, buffers()), null);
  assert.equal(readMessage({ type: "frame" }, []), null);
  assert.equal(readMessage(null, []), null);
  assert.deepEqual(Object.keys(readMessage(header(1), buffers())?.arrays ?? {}), ["places", "sizes"]);
});

test("a damaged packed frame is no frame", () => {
  const whole = keyframe(1);
  const frame = readPacked(whole)!;
  assert.equal(frame.header.number, 1);
  assert.deepEqual([...numbers(frame, "sizes", "f4")], [0, 0, 7]);
  assert.equal(readPacked(new DataView(whole.buffer, 0, 200)), null);
  assert.equal(readPacked(new DataView(whole.buffer, 0, 310)), null);
  assert.equal(readPacked(new DataView(new ArrayBuffer(0))), null);
});

test("numbers are read from any place, and an absent array is empty", () => {
  const base = new ArrayBuffer(101);
  new DataView(base).setFloat32(17, 2.5, true);
  const frame = readMessage(header(1), [new DataView(base, 1, 12), new DataView(base, 13, 8)])!;
  assert.equal(frame.arrays["places"]!.byteOffset, 1);
  assert.deepEqual([...numbers(frame, "sizes", "f4")], [0, 2.5]);
  assert.equal(numbers(frame, "places", "u2").length, 6);
  assert.equal(numbers(frame, "links", "u4").length, 0);
});

test("a code is a number between the bounds, or not a number", () => {
  assert.deepEqual([0, 65534, 32767].map((code) => fromCode(code, -1, 1)), [-1, 1, 0]);
  assert.equal(Number.isNaN(fromCode(65535, 0, 1)), true);
});
