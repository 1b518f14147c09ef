/** Messages that every widget and its Python side share (scene.schema.json), and how their bytes are read. */
export type Kind = "u1" | "u2" | "u4" | "f4";

export interface FrameHeader {
  type: "frame";
  seq: number;
  number: number;
  step: number;
  time: number | null;
  status: string;
  arrays: [name: string, kind: Kind, shape: number[]][];
}

/** One moment: a header, and the bytes of its arrays by name. */
export interface Frame<H extends FrameHeader = FrameHeader> {
  header: H;
  arrays: Record<string, Uint8Array>;
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

export type DeckPart = "play" | "step" | "speed" | "scrub" | "record";

export interface Scene {
  title: string;
  group: string;
  deck: DeckPart[];
  controls: SliderSpec[];
  intent_ms: number;
}

export interface ControlState {
  value: number;
  error: string;
  echo: number;
}

/** Which steps can be shown again, and which one is; `shown` null: the newest. */
export interface Past {
  first: number;
  last: number;
  shown: number | null;
}

export interface State {
  playing: boolean;
  speed: number | null;
  past: Past | null;
  recording: boolean;
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

export interface Ask {
  type: "ask";
  id: string;
  name: string;
  value: unknown;
}

export interface Answer {
  type: "answer";
  id: string;
  value: unknown;
  error: string;
}

const BYTES: Record<Kind, number> = { u1: 1, u2: 2, u4: 4, f4: 4 };
const ALIGNMENT = 4;

function bytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function sizeOf([, kind, shape]: FrameHeader["arrays"][number]): number {
  return shape.reduce((product, length) => product * length, BYTES[kind]);
}

/** A frame, or null when header and buffers do not belong together. */
export function readMessage(content: unknown, buffers: ArrayBufferView[]): Frame | null {
  const header = content as FrameHeader | null;
  if (header?.type !== "frame" || !Array.isArray(header.arrays)) return null;
  if (header.arrays.length !== (buffers?.length ?? 0)) return null;
  const arrays: Record<string, Uint8Array> = {};
  for (const [i, spec] of header.arrays.entries()) {
    const buffer = buffers[i]!;
    if (buffer.byteLength !== sizeOf(spec)) return null;
    arrays[spec[0]] = bytes(buffer);
  }
  return { header, arrays };
}

/** A packed frame: header length, header, then each array at a multiple of four; null when empty or damaged. */
export function readPacked(data: ArrayBufferView | null | undefined): Frame | null {
  if (!data || data.byteLength < 4) return null;
  const all = bytes(data);
  const length = new DataView(all.buffer, all.byteOffset, 4).getUint32(0, true);
  if (4 + length > all.byteLength) return null;
  try {
    const header = JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + length))) as FrameHeader;
    let at = 4 + length;
    const buffers = header.arrays.map((spec) => {
      const part = all.subarray(at, at + sizeOf(spec));
      at += Math.ceil(sizeOf(spec) / ALIGNMENT) * ALIGNMENT;
      return part;
    });
    return readMessage(header, buffers);
  } catch {
    return null;
  }
}

interface Typed {
  u1: Uint8Array;
  u2: Uint16Array;
  u4: Uint32Array;
  f4: Float32Array;
}

/** The numbers of an array of a frame; bytes at an odd place are copied. An absent array is empty. */
export function numbers<K extends Kind>(frame: Frame, name: string, kind: K): Typed[K] {
  const data = frame.arrays[name] ?? new Uint8Array();
  const aligned = data.byteOffset % BYTES[kind] === 0 ? data : data.slice();
  const { buffer, byteOffset } = aligned;
  const length = aligned.byteLength / BYTES[kind];
  const made = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array }[kind];
  return new made(buffer as ArrayBuffer, byteOffset, length) as Typed[K];
}

/** The code that marks what is not finite. */
export const LOST = 65535;

/** low + code · (high − low)/65534, NaN for the code that marks what is not finite. */
export function fromCode(code: number, low: number, high: number): number {
  return code === LOST ? NaN : low + (code * (high - low)) / 65534;
}
