import type { AtlasFrame, AtlasHeader } from "./messages.ts";

/** A frame for tests: 1,000 particles of which the header speaks, and the arrays that are given. */
export function frame(change: Partial<AtlasHeader>, arrays: Record<string, Uint8Array> = {}): AtlasFrame {
  const header: AtlasHeader = {
    type: "frame", seq: 1, number: 1, step: 12, time: 0.12, status: "energy drift 3e-7", arrays: [], count: 1000, total: 1000,
    lost: 0, low: [0, 0, 0], high: [1, 1, 1], colour: "speed", range: [0, 1], blank: 0, picked: [0, ""], kinds: [], field: null,
    districts: [], badge: [], ...change,
  };
  return { header, arrays };
}

export const bytes = (array: Uint16Array | Uint32Array): Uint8Array => new Uint8Array(array.buffer);
