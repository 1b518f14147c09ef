import type { Group } from "../core/group.ts";
import type { Lifetime } from "../core/model.ts";
import { numbers } from "../core/protocol.ts";
import { Throttle } from "../core/throttle.ts";
import type { AtlasFrame, AtlasSelection } from "./messages.ts";
import type { Mode } from "./pick.ts";
import { combine, encode, flagsOf, idsOf } from "./pick.ts";
import { sameParticles } from "./particles.ts";

const TELL_MS = 50;
/** A longer list is not told to the other widgets, which would have to read it one by one. */
const MOST_SHARED = 50_000;

type Kind = AtlasSelection["kind"];

/** Which particles are selected, by their ids; told to Python, to the group, and heard from both. */
export class Choice {
  #ids = new Set<number>();
  #frame: AtlasFrame | null = null;
  #echo = 0;
  readonly #by = Math.random().toString(36).slice(2);
  readonly #wishes: Throttle<AtlasSelection>;
  readonly #group: Group;
  readonly #changed: (flags: Uint8Array | null, size: number) => void;

  constructor(
    group: Group,
    lifetime: Lifetime,
    tell: (selection: AtlasSelection) => void,
    changed: (flags: Uint8Array | null, size: number) => void,
  ) {
    this.#group = group;
    this.#changed = changed;
    this.#wishes = new Throttle(TELL_MS, tell);
    lifetime.add(() => this.#wishes.stop());
    const hear = (agreed: { kind: string; ids: number[] } | null | undefined): void => {
      if (agreed?.kind === "particle") this.#take(new Set(agreed.ids));
      else if (agreed === null) this.#take(new Set());
    };
    group.on("selection", hear, lifetime);
    hear(group.get("selection"));
  }

  /** A new frame: what Python selected comes with it, unless it is an echo of this view. */
  show(frame: AtlasFrame): void {
    const [echo, by] = frame.header.picked;
    const before = this.#frame;
    this.#frame = frame;
    const news = echo !== this.#echo && by !== this.#by;
    this.#echo = echo;
    if (news) {
      const mask = numbers(frame, "mask", "u1");
      const ids = idsOf(frame);
      const chosen = new Set<number>();
      for (let row = 0; row < frame.header.count; row++) {
        if ((mask[row >> 3] ?? 0) & (1 << (row & 7))) chosen.add(ids ? ids[row]! : row);
      }
      this.#take(chosen);
    } else if (before?.arrays["ids"] || !sameParticles(before, frame)) {
      this.#paint();
    }
  }

  /** Rows of the newest frame that somebody picked. */
  pick(rows: readonly number[], mode: Mode, kind: Kind): void {
    const frame = this.#frame;
    if (!frame) return;
    const ids = idsOf(frame);
    this.#take(combine(this.#ids, ids ? rows.map((row) => ids[row]!) : rows, mode));
    const { count, total } = frame.header;
    const coded = encode(this.#ids, !!frame.arrays["ids"], total);
    this.#wishes.push({ kind, by: this.#by, shown: count, total, ...coded });
    if (this.#ids.size <= MOST_SHARED) {
      this.#group.set("selection", this.#ids.size ? { kind: "particle", ids: [...this.#ids] } : null);
    }
  }

  #take(ids: Set<number>): void {
    this.#ids = ids;
    this.#paint();
  }

  #paint(): void {
    const { size } = this.#ids;
    const frame = this.#frame;
    this.#changed(frame && size ? flagsOf(this.#ids, frame.header.count, idsOf(frame)) : null, size);
  }
}
