import type { Host } from "../core/mount.ts";
import type { Pen } from "./axes.ts";
import type { Choice } from "./choice.ts";
import type { Hovered } from "./company.ts";
import { Company } from "./company.ts";
import type { GestureEvents, Tool } from "./gestures.ts";
import type { AtlasFrame, AtlasScene, AtlasSelection, Fact } from "./messages.ts";
import type { Mode } from "./pick.ts";
import { idsOf, nearest, rowsInside, screenOf } from "./pick.ts";
import type { Picture } from "./picture.ts";
import { Tip } from "./tip.ts";
import type { Line } from "./tip.ts";
import type { Tools } from "./tools.ts";

const REACH = 12;
const STEP = 16;
const CORNERS = 40;

/** Everything that needs to know what lies where on the screen: outlines, the cross of the keyboard, hints. */
export class Pointing implements GestureEvents {
  readonly tip = new Tip();
  readonly #host: Host<AtlasScene>;
  readonly #picture: Picture;
  readonly #choice: Choice;
  readonly #tools: Tools;
  #frame: AtlasFrame | null = null;
  #company: Company | null = null;
  #tool: Tool | null = null;
  #outline: number[] | null = null;
  #hovered: Hovered | null = null;
  /** The cross, from the middle, and the ring around it. */
  #cross: [number, number] = [0, 0];
  #ring = 0;
  #asked = 0;
  #pointer: [number, number] | null = null;
  #shown = false;

  constructor(host: Host<AtlasScene>, picture: Picture, choice: Choice, tools: Tools) {
    this.#host = host;
    this.#picture = picture;
    this.#choice = choice;
    this.#tools = tools;
    this.#take(null);
    const hear = (hovered: Hovered | null | undefined): void => {
      this.#hovered = hovered ?? null;
      picture.invalidate();
    };
    host.group.on("hover", hear, host.lifetime);
  }

  /** Markers that have no place. */
  get lost(): number {
    return this.#company?.lost ?? 0;
  }

  show(frame: AtlasFrame): void {
    this.#frame = frame;
    this.#company = new Company(frame, this.#host.scene.box[0][2]!);
  }

  /** Do what a key or button wants; false if it is not of this kind. */
  act(action: string): boolean {
    const move = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[action];
    if (action === "lasso" || action === "box") this.#take(this.#tool === action ? null : action);
    else if (action === "info") this.#explain(this.#pointer ?? this.#focus(), 1e4);
    else if (action === "pick") this.#pickRing();
    else if (this.#tool && move) this.#cross = [this.#cross[0] + STEP * move[0]!, this.#cross[1] + STEP * move[1]!];
    else if (this.#tool && (action === "in" || action === "out")) {
      this.#ring = Math.max(0, this.#ring + (action === "in" ? STEP : -STEP));
    } else return false;
    return true;
  }

  changed(): void {
    this.#picture.invalidate();
  }

  wheelRefused(): void {
    this.#host.shell.say("Click the picture, or hold Ctrl, to zoom with the wheel");
  }

  tool(): Tool | null {
    return this.#tool;
  }

  outline(points: number[] | null): void {
    this.#outline = points;
    this.#picture.invalidate();
  }

  closed(points: number[], mode: Mode | null): void {
    this.#pick(points, mode ?? this.#tools.mode, this.#tool ?? "box");
  }

  rests(place: [number, number] | null): void {
    this.#pointer = place;
    if (place) this.#explain(place, REACH);
    else if (this.#shown) this.#forget();
  }

  draw(pen: Pen): void {
    const { lens, theme } = this.#picture;
    const { context } = pen;
    this.#company?.draw(pen, lens, this.#hovered, theme.dark);
    context.strokeStyle = pen.ink;
    const spot = this.#hovered?.kind === "particle" ? this.#spotOf(this.#hovered.id) : null;
    if (spot) {
      context.lineWidth = 2;
      context.beginPath();
      context.arc(...spot, 9, 0, 7);
      context.stroke();
    }
    context.lineWidth = 1.5;
    if (this.#outline) trace(context, this.#outline);
    if (!this.#tool) return;
    const [x, y] = this.#focus();
    trace(context, this.#around());
    for (const [dx, dy] of [[6, 0], [0, 6]] as const) trace(context, [x - dx, y - dy, x + dx, y + dy]);
    context.lineWidth = 1;
  }

  #take(tool: Tool | null): void {
    this.#tool = tool;
    this.#cross = [0, 0];
    for (const name of ["lasso", "box"]) this.#tools.press(name, name === tool);
    this.#host.shell.canvas.style.cursor = tool ? "crosshair" : "";
  }

  #focus(): [number, number] {
    const { width, height } = this.#picture.pen;
    return [width / 2 + this.#cross[0], height / 2 + this.#cross[1]];
  }

  #around(): number[] {
    const [x, y] = this.#focus();
    const corners = this.#tool === "box" ? 4 : CORNERS;
    const reach = this.#ring * (corners === 4 ? Math.SQRT2 : 1);
    return Array.from({ length: corners }, (_, i) => {
      const angle = (2 * Math.PI * (i + 0.5)) / corners;
      return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
    }).flat();
  }

  #places(): Float32Array {
    const { lens, pen } = this.#picture;
    return this.#frame ? screenOf(this.#frame, lens, pen.width, pen.height) : new Float32Array();
  }

  #pick(outline: number[], mode: Mode, kind: AtlasSelection["kind"]): void {
    this.#choice.pick(rowsInside(this.#places(), outline), mode, kind);
  }

  #pickRing(): void {
    if (this.#tool && this.#ring) this.#pick(this.#around(), this.#tools.mode, this.#tool === "box" ? "box" : "ring");
    else {
      const row = nearest(this.#places(), ...this.#focus(), 1e4);
      this.#choice.pick(row < 0 ? [] : [row], this.#tools.mode, "ring");
    }
  }

  #spotOf(id: number): [number, number] | null {
    const frame = this.#frame;
    if (!frame) return null;
    const row = idsOf(frame)?.indexOf(id) ?? id;
    if (!(row >= 0 && row < frame.header.count)) return null;
    const { lens, pen } = this.#picture;
    const [x, y] = screenOf(frame, lens, pen.width, pen.height, row, row + 1);
    return [x!, y!];
  }

  #forget(): void {
    this.#asked += 1;
    this.#shown = false;
    this.tip.hide();
    this.#host.group.set("hover", null);
  }

  /** Say what is at a place: a marker or district from the frame, a particle from Python. */
  #explain([x, y]: [number, number], reach: number): void {
    const frame = this.#frame;
    if (!frame) return;
    const { lens, pen } = this.#picture;
    const found = this.#company?.find(x, y, lens, pen);
    const row = found ? -1 : nearest(this.#places(), x, y, reach);
    if (!found && row < 0) return;
    const id = found ? found.id : (idsOf(frame)?.[row] ?? row);
    const hovered = found ?? { kind: "particle", id };
    this.#shown = true;
    this.#host.group.set("hover", hovered);
    const show = (lines: readonly Line[]): void => this.tip.show(x, y, pen.width, lines);
    if (found) {
      show(this.#company!.facts(found));
      return;
    }
    const asked = ++this.#asked;
    const head: Line = ["particle", `#${id}`];
    show([head]);
    this.#host.ask("particle", id).then(
      (facts) => asked === this.#asked && show([head, ...(facts as Fact[])]),
      (reason: Error) => asked === this.#asked && show([head, ["", reason.message]]),
    );
  }
}

function trace(context: CanvasRenderingContext2D, points: readonly number[]): void {
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
  if (points.length > 4) {
    context.closePath();
    context.globalAlpha = 0.08;
    context.fillStyle = context.strokeStyle;
    context.fill();
    context.globalAlpha = 1;
  }
  context.stroke();
}
