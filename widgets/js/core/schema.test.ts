import assert from "node:assert/strict";
import { test } from "node:test";
import schema from "../../stnb_widgets/static/scene.schema.json";
import type { Ack, ControlState, FrameHeader, Intent, Scene, SliderSpec, State, ViewReport } from "./protocol.ts";

/** Every key of a type, checked by the compiler, so that the schema can be compared with the type. */
type Keys<T> = Record<keyof T, true>;

const frame: Keys<FrameHeader> = {
  type: true, seq: true, number: true, step: true, time: true, status: true, count: true, total: true, lost: true,
  low: true, high: true, colour: true, range: true, blank: true,
};
const ack: Keys<Ack> = { type: true, seq: true, view: true };
const view: Keys<ViewReport> = { type: true, view: true, visible: true, gone: true };
const intent: Keys<Intent> = { type: true, name: true, value: true };
const slider: Keys<SliderSpec> = { name: true, label: true, value: true, low: true, high: true, unit: true, log: true };
const scene: Keys<Scene> = { title: true, box: true, attributes: true, controls: true, intent_ms: true };
const state: Keys<State> = { playing: true, colour: true, controls: true };
const control: Keys<ControlState> = { value: true, error: true, echo: true };

test("the types are those of scene.schema.json", () => {
  for (const [name, keys] of Object.entries({ frame, ack, view, intent, slider, scene, state })) {
    const definition = schema.$defs[name as "frame" | "ack"];
    assert.deepEqual(Object.keys(keys), definition.required, name);
    assert.deepEqual(Object.keys(definition.properties), definition.required, name);
  }
  assert.deepEqual(Object.keys(control), schema.$defs.state.properties.controls.additionalProperties.required);
});
