/** Messages of scene.schema.json, and how their bytes are read. */
export interface FrameHeader {
  type: "frame";
  seq: number;
  number: number;
  step: number;
  time: number | null;
  status: string;
  count: number;
  total: number;
  lost: number;
  low: [number, number, number];
  high: [number, number, number];
  colour: string;
  range: [number, number];
  blank: number;
}

export interface Frame {
  header: FrameHeader;
  positions: Uint8Array;
  values: Uint8Array;
}

export interface SliderSpec {
  name: string;
  label: string;
  value: number;
  low: number;
  high: number;
  unit: string;
  log: boolean;
}

export interface Scene {
  title: string;
  box: [number[], number[]];
  attributes: Record<string, string>;
  controls: SliderSpec[];
  intent_ms: number;
}

export interface ControlState {
  value: number;
  error: string;
  echo: number;
}

export interface State {
  playing: boolean;
  colour: string;
  controls: Record<string, ControlState>;
}

export interface Ack {
  type: "ack";
  seq: number;
  view: string;
}

export interface ViewReport {
  type: "view";
  view: string;
  visible: boolean;
  gone: boolean;
}

export interface Intent {
  type: "intent";
  name: string;
  value: unknown;
}

const POSITION_BYTES = 6;
const VALUE_BYTES = 2;

function bytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** A frame, or null when header and buffers do not belong together. */
export function readMessage(content: unknown, buffers: ArrayBufferView[]): Frame | null {
  const header = content as FrameHeader | null;
  const [positions, values] = buffers;
  if (header?.type !== "frame" || !positions || !values) return null;
  if (positions.byteLength !== header.count * POSITION_BYTES) return null;
  if (values.byteLength !== header.count * VALUE_BYTES) return null;
  return { header, positions: bytes(positions), values: bytes(values) };
}

/** A keyframe: header length, header, positions, values in one byte string; null when empty or damaged. */
export function readKeyframe(data: ArrayBufferView | null | undefined): Frame | null {
  if (!data || data.byteLength < 4) return null;
  const all = bytes(data);
  const length = new DataView(all.buffer, all.byteOffset, 4).getUint32(0, true);
  if (4 + length > all.byteLength) return null;
  try {
    const header = JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + length))) as FrameHeader;
    const split = 4 + length + header.count * POSITION_BYTES;
    return readMessage(header, [all.subarray(4 + length, split), all.subarray(split)]);
  } catch {
    return null;
  }
}
