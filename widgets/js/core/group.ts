import type { Lifetime } from "./model.ts";
import { registry, tidyRegistry } from "./registry.ts";

/** What linked widgets agree on; each is undefined until somebody says something, null when it is let go. */
export interface Agreed {
  /** The step that everybody shows; null: the newest. */
  moment: number | null;
  /** A window of steps, both ends in it. */
  brush: [first: number, last: number] | null;
  /** What the pointer rests on: a kind such as "carrier" or "particle", and its number. */
  hover: { kind: string; id: number } | null;
  /** What was picked: a kind, and the numbers in it. */
  selection: { kind: string; ids: number[] } | null;
}

export type Topic = keyof Agreed;
type Listener = (value: never) => void;

interface Meeting {
  agreed: Partial<Agreed>;
  listeners: Map<Topic, Set<Listener>>;
  users: number;
  channel: BroadcastChannel | null;
}

/**
 * The widgets of one group on a page, and in frames of the same origin: what one sets, all others hear at once,
 * without a kernel. A group with an empty name holds one widget only.
 */
export class Group {
  readonly #meeting: Meeting;

  constructor(name: string, lifetime: Lifetime) {
    this.#meeting = name ? join(name) : lonely();
    if (name) lifetime.add(() => leave(name));
  }

  get<T extends Topic>(topic: T): Agreed[T] | undefined {
    return this.#meeting.agreed[topic] as Agreed[T] | undefined;
  }

  /** Tell everybody, this widget's own listeners too, unless nothing changes. */
  set<T extends Topic>(topic: T, value: Agreed[T]): void {
    const text = JSON.stringify(value);
    if (text === JSON.stringify(this.#meeting.agreed[topic])) return;
    tell(this.#meeting, topic, value);
    this.#meeting.channel?.postMessage({ topic, value });
  }

  on<T extends Topic>(topic: T, listener: (value: Agreed[T]) => void, lifetime: Lifetime): void {
    const { listeners } = this.#meeting;
    if (!listeners.has(topic)) listeners.set(topic, new Set());
    listeners.get(topic)!.add(listener as Listener);
    lifetime.add(() => listeners.get(topic)?.delete(listener as Listener));
  }
}

function tell(meeting: Meeting, topic: Topic, value: unknown): void {
  (meeting.agreed as Record<string, unknown>)[topic] = value;
  for (const listener of [...(meeting.listeners.get(topic) ?? [])]) listener(value as never);
}

function lonely(): Meeting {
  return { agreed: {}, listeners: new Map(), users: 1, channel: null };
}

function slot(name: string): string {
  return `group ${name}`;
}

function join(name: string): Meeting {
  const slots = registry();
  const known = slots[slot(name)] as Meeting | undefined;
  if (known) {
    known.users += 1;
    return known;
  }
  const meeting = lonely();
  if (typeof BroadcastChannel !== "undefined") {
    meeting.channel = new BroadcastChannel(`stnb ${name}`);
    meeting.channel.onmessage = ({ data }: MessageEvent): void => {
      const { topic, value } = (data ?? {}) as { topic?: Topic; value?: unknown };
      if (topic) tell(meeting, topic, value);
    };
  }
  slots[slot(name)] = meeting;
  return meeting;
}

function leave(name: string): void {
  const slots = registry();
  const meeting = slots[slot(name)] as Meeting | undefined;
  if (!meeting || (meeting.users -= 1) > 0) return;
  meeting.channel?.close();
  delete slots[slot(name)];
  tidyRegistry();
}
