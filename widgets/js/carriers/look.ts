import { short } from "../core/format.ts";
import { LOST, fromCode, numbers } from "../core/protocol.ts";
import type { CarriersFrame, CarriersHeader, Column } from "./messages.ts";
import { FACTS, STATES } from "./messages.ts";

/** A frame in numbers: carriers in the order of their frequencies, and the oscillators (`tones`) that they hear. */
export interface Look extends Record<Column, Float32Array> {
  header: CarriersHeader;
  uid: Uint32Array;
  state: Uint8Array;
  tones: { uid: Uint32Array; omega: Float32Array; phase: Float32Array; energy: Float32Array };
  links: Uint16Array;
  weights: Uint8Array;
  place: Map<number, number>;
}

export function lookAt(frame: CarriersFrame): Look {
  const { header } = frame;
  const columns = (array: string, bounds: [number, number][]): Float32Array[] => {
    const codes = numbers(frame, array, "u2");
    return bounds.map(([low, high], i) =>
      Float32Array.from({ length: codes.length / bounds.length }, (_, row) => fromCode(codes[row * bounds.length + i]!, low, high)),
    );
  };
  const uid = numbers(frame, "uid", "u4");
  const own = columns("numbers", header.bounds);
  const [omega, phase, energy] = columns("tones", header.tone_bounds) as [Float32Array, Float32Array, Float32Array];
  return {
    ...(Object.fromEntries(own.map((numbers, i) => [FACTS[i + 2]![0], numbers])) as Record<Column, Float32Array>),
    header,
    uid,
    state: numbers(frame, "state", "u1"),
    tones: { uid: numbers(frame, "tone_uid", "u4"), omega, phase, energy },
    links: numbers(frame, "links", "u2"),
    weights: numbers(frame, "weights", "u1"),
    place: new Map(Array.from(uid, (id, i) => [id, i])),
  };
}

/** Places among the oscillators of those that a carrier hears best, and how loud, 0 ... 1. */
export function heardBy({ header: { each }, links, weights }: Look, place: number): [tone: number, share: number][] {
  return Array.from({ length: each }, (_, i): [number, number] => [links[place * each + i]!, weights[place * each + i]! / 255]).filter(
    ([tone]) => tone !== LOST,
  );
}

export function most(numbers: Float32Array, least = 0): number {
  return numbers.reduce((best, x) => (x > best ? x : best), least);
}

/** Places of the carriers, the strongest first. */
export function strongest({ amplitude }: Look): number[] {
  return [...amplitude.keys()].sort((a, b) => amplitude[b]! - amplitude[a]!);
}

/** The place of the carrier `by` places up in frequency from one; from none, that of the strongest. */
export function neighbour(look: Look, place: number, by: number): number {
  return place < 0 ? strongest(look)[0]! : Math.min(look.uid.length - 1, Math.max(0, place + by));
}

/** What is known of a carrier, as rows of name, value and unit. */
export function facts(look: Look, place: number): [name: string, value: string, unit: string][] {
  return FACTS.map(([key, name, unit]) => {
    const value = look[key][place]!;
    return [name, key === "state" ? STATES[value]! : key === "uid" ? String(value) : short(value), unit];
  });
}
