import type { Frame } from "../core/protocol.ts";
import { readPacked } from "../core/protocol.ts";

/** A packed frame as text, and its step. */
export type Still = readonly [step: number, packed: string];

/** Which of the stills of one widget stands for a moment: the last one that is not after it, or else the first. */
export function stillAt(stills: readonly Still[], moment: number): number {
  let best = 0;
  for (const [i, [step]] of stills.entries()) {
    if (step <= moment && (step >= stills[best]![0] || stills[best]![0] > moment)) best = i;
  }
  return best;
}

/** The frame of a still under a new number: a widget shows nothing whose number does not rise. */
export function frameOf([, packed]: Still, number: number): Frame | null {
  const frame = readPacked(Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)));
  return frame && { ...frame, header: { ...frame.header, number, seq: number } };
}
