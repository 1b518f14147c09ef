import { categoryColour } from "../core/colours.ts";
import type { Lens } from "../core/lens.ts";
import { fromCode, numbers } from "../core/protocol.ts";
import type { Pen } from "./axes.ts";
import { FONT } from "./axes.ts";
import { drawCurve } from "./ground.ts";
import type { AtlasFrame } from "./messages.ts";

export interface Hovered {
  kind: string;
  id: number;
}

/** Corners and turn of the shape of each kind, so that colour is not all that tells kinds apart. */
const SHAPES = [[32, 0], [4, 0.25], [4, 0], [3, -0.25], [3, 0.25], [6, 0]] as const;
export const GLYPHS = "●■◆▲▼⬢";
const CURVE = 48;

/** Where the districts, markers and ends of links of a frame are, to be drawn and pointed at. */
export class Company {
  readonly #frame: AtlasFrame;
  /** The height at which districts lie in a box. */
  readonly #floor: number;
  readonly #marks: Float32Array;
  readonly #kinds: Uint8Array;
  readonly #ids: Uint32Array;
  readonly #districts: Float32Array;
  /** Markers whose place is not finite. */
  readonly lost: number;

  constructor(frame: AtlasFrame, floor: number) {
    this.#frame = frame;
    this.#floor = floor;
    this.#marks = numbers(frame, "marks", "f4");
    this.#kinds = numbers(frame, "mark_kinds", "u1");
    this.#ids = numbers(frame, "mark_ids", "u4");
    this.#districts = numbers(frame, "districts", "f4");
    this.lost = [...this.#ids.keys()].filter((i) => !Number.isFinite(this.#marks[4 * i]! + this.#marks[4 * i + 1]!)).length;
  }

  #spot(i: number, lens: Lens, pen: Pen): [number, number, number] {
    const at = this.#marks.subarray(4 * i, 4 * i + 4);
    return [...lens.project([...at], pen.width, pen.height), 4 + 6 * Math.sqrt(at[3]!)];
  }

  /** The marker or district at a place of the picture. */
  find(x: number, y: number, lens: Lens, pen: Pen): Hovered | null {
    for (let i = 0; i < this.#ids.length; i++) {
      const [u, v, size] = this.#spot(i, lens, pen);
      if (Math.hypot(u - x, v - y) < size + 3) return { kind: "carrier", id: this.#ids[i]! };
    }
    const district = this.#circles(lens, pen).findIndex(({ u, v }) => Math.abs(u - x) < 40 && Math.abs(v - 9 - y) < 10);
    return district < 0 ? null : { kind: "district", id: district };
  }

  /** What is known of a marker or a district without asking Python. */
  facts({ kind, id }: Hovered): [string, number | string | null][] {
    const { header } = this.#frame;
    if (kind === "district") {
      const [name, note] = header.districts[id] ?? ["", ""];
      return [[name, note], ["value", this.#districts[4 * id + 3]!]];
    }
    const row = this.#ids.indexOf(id);
    return [
      [header.kinds[this.#kinds[row]!] || "marker", `#${id}`],
      ["size", this.#marks[4 * row + 3]!],
      ["links shown", numbers(this.#frame, "links", "u2").filter((from) => from === row).length],
    ];
  }

  draw(pen: Pen, lens: Lens, hovered: Hovered | null, dark: boolean): void {
    this.#drawDistricts(pen, lens, hovered);
    const row = hovered?.kind === "carrier" ? this.#ids.indexOf(hovered.id) : -1;
    this.#drawLinks(pen, lens, dark, row);
    for (let i = this.#ids.length - 1; i >= 0; i--) this.#drawMark(pen, lens, dark, i, i === row);
  }

  #drawMark(pen: Pen, lens: Lens, dark: boolean, i: number, hot: boolean): void {
    const { context } = pen;
    const [x, y, size] = this.#spot(i, lens, pen);
    const [corners, turn] = SHAPES[this.#kinds[i]! % SHAPES.length]!;
    context.beginPath();
    for (let k = 0; k < corners; k++) {
      const angle = 2 * Math.PI * (k / corners) + Math.PI * turn * (corners === 3 ? 2 : 1);
      context.lineTo(x + size * Math.cos(angle), y + size * Math.sin(angle));
    }
    context.closePath();
    context.fillStyle = categoryColour(this.#kinds[i]!, dark);
    context.strokeStyle = hot ? pen.ink : pen.ground;
    context.lineWidth = hot ? 3 : 1.5;
    context.fill();
    context.stroke();
    context.lineWidth = 1;
  }

  #drawLinks(pen: Pen, lens: Lens, dark: boolean, hot: number): void {
    const { context, width, height } = pen;
    const from = numbers(this.#frame, "links", "u2");
    const ends = numbers(this.#frame, "link_ends", "u2");
    const { low, high } = this.#frame.header;
    for (let i = 0; i < from.length; i++) {
      const marker = from[i]!;
      const place = [0, 1, 2].map((axis) => fromCode(ends[3 * i + axis]!, low[axis]!, high[axis]!));
      const [x, y] = lens.project(place, width, height);
      const [u, v] = this.#spot(marker, lens, pen);
      context.strokeStyle = categoryColour(this.#kinds[marker]!, dark);
      context.globalAlpha = hot < 0 ? 0.3 : marker === hot ? 0.95 : 0.07;
      context.beginPath();
      context.moveTo(u, v);
      context.lineTo(x, y);
      if (marker === hot) {
        context.moveTo(x + 5, y);
        context.arc(x, y, 5, 0, 7);
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /** x, y, radius, value of each district, and the place of its label. */
  #circles(lens: Lens, pen: Pen): { place: Float32Array; u: number; v: number }[] {
    return this.#frame.header.districts.map((_, i) => {
      const place = this.#districts.subarray(4 * i, 4 * i + 4);
      const [u, v] = lens.project([place[0]!, place[1]! + place[2]!, this.#floor], pen.width, pen.height);
      return { place, u, v };
    });
  }

  /** Circles with a ring as long as their value has a share of the largest one. */
  #drawDistricts(pen: Pen, lens: Lens, hovered: Hovered | null): void {
    const { context } = pen;
    const most = Math.max(1e-300, ...this.#districts.filter((value, i) => i % 4 === 3 && value > 0));
    context.font = `600 ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    for (const [i, { place, u, v }] of this.#circles(lens, pen).entries()) {
      const [x, y, radius, value] = place;
      const arc = (turn: number) => (k: number) => {
        const angle = Math.PI / 2 - (turn * k) / CURVE;
        return [x! + radius! * Math.cos(angle), y! + radius! * Math.sin(angle), this.#floor];
      };
      const hot = hovered?.kind === "district" && hovered.id === i;
      context.strokeStyle = pen.line;
      context.lineWidth = hot ? 2.5 : 1.25;
      drawCurve(pen, lens, CURVE, arc(2 * Math.PI));
      context.strokeStyle = pen.ink;
      context.lineWidth = 3;
      if (value! > 0) drawCurve(pen, lens, CURVE, arc((2 * Math.PI * value!) / most));
      const name = this.#frame.header.districts[i]![0];
      context.fillStyle = pen.ink;
      context.strokeStyle = pen.ground;
      context.strokeText(name, u, v - 5);
      context.fillText(name, u, v - 5);
      context.lineWidth = 1;
    }
  }
}
