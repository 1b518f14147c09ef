import assert from "node:assert/strict";
import { test } from "node:test";
import schema from "../../stnb_widgets/static/scene.schema.json";
import type { AtlasHeader, AtlasScene, AtlasState } from "../atlas/messages.ts";
import type {
  Ack, Answer, Ask, ControlState, FrameHeader, Intent, Past, Scene, SliderSpec, State, ViewReport,
} from "./protocol.ts";

/** Every key of a type, checked by the compiler, so that the schema can be compared with the type. */
type Keys<T> = Record<keyof T, true>;
type Own<T, Base> = Keys<Omit<T, keyof Base>>;

const frame: Keys<FrameHeader> = {
  type: true, seq: true, number: true, step: true, time: true, status: true, arrays: true,
};
const ack: Keys<Ack> = { type: true, seq: true, view: true };
const view: Keys<ViewReport> = { type: true, view: true, visible: true, gone: true };
const intent: Keys<Intent> = { type: true, name: true, value: true };
const ask: Keys<Ask> = { type: true, id: true, name: true, value: true };
const answer: Keys<Answer> = { type: true, id: true, value: true, error: true };
const slider: Keys<SliderSpec> = { name: true, label: true, value: true, low: true, high: true, unit: true, log: true };
const scene: Keys<Scene> = { title: true, group: true, deck: true, controls: true, intent_ms: true };
const control: Keys<ControlState> = { value: true, error: true, echo: true };
const past: Keys<Past> = { first: true, last: true, shown: true };
const state: Keys<State> = { playing: true, speed: true, past: true, recording: true, controls: true };

const atlas_frame: Own<AtlasHeader, FrameHeader> = {
  count: true, total: true, lost: true, low: true, high: true, colour: true, range: true, blank: true, picked: true,
  kinds: true, field: true, districts: true, badge: true,
};
const atlas_scene: Own<AtlasScene, Scene> = { box: true, attributes: true, projection: true };
const atlas_state: Own<AtlasState, State> = { colour: true };

const shared = { frame, ack, view, intent, ask, answer, slider, scene, control, past, state };
const own = { atlas_frame, atlas_scene, atlas_state };

test("the types are those of scene.schema.json", () => {
  for (const [name, keys] of Object.entries({ ...shared, ...own })) {
    const definition = schema.$defs[name as "frame" | "ack"];
    assert.deepEqual(Object.keys(keys), definition.required, name);
    assert.deepEqual(Object.keys(definition.properties), definition.required, name);
  }
});
