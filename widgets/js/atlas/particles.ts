import { FIELD } from "../core/camera.ts";
import { blankColour } from "../core/colours.ts";
import type { SharedGL } from "../core/gl.ts";
import { GrowingBuffer, Pass } from "../core/gl.ts";
import type { Lens } from "../core/lens.ts";
import type { Theme } from "../core/theme.ts";
import { Density } from "./density.ts";
import { fairOrder } from "./order.ts";
import type { AtlasFrame as Frame } from "./messages.ts";
import { Sheet } from "./sheet.ts";
import { DISC, DOTS, FADING, ONE, TRAIL } from "./shaders.ts";

/** 65535 is reserved for values that are not finite, so code / 65535 falls a little short of the span. */
const STRETCH = 65535 / 65534;
const ALWAYS_DRAWN = 4000;
const TRAIL_FRAMES = 8;
const TRAILS_OF = 30_000;

export interface Look {
  lens: Lens;
  theme: Theme;
  half: number[];
  box: readonly number[][];
  width: number;
  height: number;
  mixing: number;
  shown: readonly [number, number];
  detail: number;
  solid: boolean;
  disk: boolean;
  dense: boolean;
  trails: boolean;
  opacity: number;
}

class Slot {
  readonly places: GrowingBuffer;
  readonly values: GrowingBuffer;
  size = 3;

  constructor(
    gl: WebGL2RenderingContext,
    public frame: Frame,
  ) {
    this.places = new GrowingBuffer(gl);
    this.values = new GrowingBuffer(gl);
    this.load(frame);
  }

  load(frame: Frame): void {
    this.frame = frame;
    this.size = widthOf(frame);
    this.places.write(frame.arrays["positions"]!);
    this.values.write(frame.arrays["values"]!);
  }

  free(): void {
    this.places.free();
    this.values.free();
  }
}

/** How many coordinates a particle has. */
export function widthOf({ header, arrays }: Frame): number {
  return header.count ? arrays["positions"]!.length / header.count / 2 : 3;
}

/** A share of the particles, but never fewer than a few thousand: those cost nothing worth saving. */
export function pointsToDraw(available: number, detail: number): number {
  return Math.max(Math.min(available, ALWAYS_DRAWN), Math.round(available * detail));
}

/** True when particle i of both frames is the same particle, so that moving from one to the other has a meaning. */
export function sameParticles(one: Frame | null, other: Frame): boolean {
  return (
    !!one && one.header.count === other.header.count && one.header.total === other.header.total &&
    !one.arrays["ids"] === !other.arrays["ids"]
  );
}

/** The newest frames on the GPU, and how they are drawn. */
export class Particles {
  readonly #shared: SharedGL;
  readonly #dots: Pass;
  readonly #trail: Pass;
  readonly #counting: Pass;
  readonly #density: Density;
  readonly #sheet: Sheet;
  readonly #order: GrowingBuffer;
  readonly #flags: GrowingBuffer;
  readonly #table: WebGLTexture;
  /** Newest first. */
  #slots: Slot[] = [];
  #ordered = 0;
  #picking = 0;
  keepTrails = false;

  constructor(shared: SharedGL) {
    const { gl } = (this.#shared = shared);
    this.#dots = new Pass(shared, DOTS, DISC);
    this.#trail = new Pass(shared, TRAIL, FADING);
    this.#counting = new Pass(shared, DOTS, ONE);
    this.#density = new Density(shared);
    this.#sheet = new Sheet(shared);
    this.#order = new GrowingBuffer(gl, gl.ELEMENT_ARRAY_BUFFER);
    this.#flags = new GrowingBuffer(gl);
    this.#table = gl.createTexture()!;
  }

  load(frame: Frame): void {
    const keep = this.keepTrails ? TRAIL_FRAMES + 1 : 2;
    for (const slot of this.#slots.splice(keep)) slot.free();
    const spare = this.#slots.length === keep ? this.#slots.pop() : undefined;
    spare?.load(frame);
    this.#slots.unshift(spare ?? new Slot(this.#shared.gl, frame));
    this.#sheet.load(frame);
  }

  /** Which particles of the newest frame are selected, a byte each; null for no selection. */
  pick(flags: Uint8Array | null): void {
    this.#picking = flags ? 1 : 0;
    if (flags) this.#flags.write(flags);
  }

  setTable(table: Uint8Array): void {
    const { gl } = this.#shared;
    gl.bindTexture(gl.TEXTURE_2D, this.#table);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, table.length / 4, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  }

  draw(look: Look): void {
    const { gl, canvas } = this.#shared;
    const { width, height, lens, solid, theme } = look;
    if (canvas.width < width) canvas.width = width;
    if (canvas.height < height) canvas.height = height;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const newest = this.#slots[0];
    if (!newest) return;
    const common = {
      clip: lens.matrix, shift: [lens.ax, lens.ay], table: this.#table, blank: blankColour(), ground: theme.ground,
    };
    const sheet = (): void => this.#sheet.draw({ ...common, strength: look.opacity, disk: look.disk ? 1 : 0 }, look);
    this.#deep(solid);
    if (!solid) sheet();
    if (newest.frame.header.count) {
      if (look.trails) this.#drawTrails(look, common);
      this.#deep(solid && !look.dense);
      if (look.dense && this.#density.ready(width, height)) {
        this.#drawDots(look, this.#counting, common);
        this.#density.show(this.#table, width, height);
      } else this.#drawDots(look, this.#dots, common);
    }
    this.#deep(solid && !look.dense);
    if (solid) sheet();
  }

  free(): void {
    for (const slot of this.#slots) slot.free();
    this.#order.free();
    this.#flags.free();
    this.#density.free();
    this.#sheet.free();
    this.#shared.gl.deleteTexture(this.#table);
  }

  #deep(on: boolean): void {
    const { gl } = this.#shared;
    if (on) gl.enable(gl.DEPTH_TEST);
    else gl.disable(gl.DEPTH_TEST);
  }

  #drawDots(look: Look, pass: Pass, common: Record<string, never> | object): void {
    const { gl } = this.#shared;
    const { lens, dense, theme } = look;
    const newest = this.#slots[0]!;
    const { header } = newest.frame;
    const older = this.#slots[1];
    const moving = older && sameParticles(older.frame, newest.frame);
    const body = 0.021 * (1000 / Math.max(header.total, 60)) ** 0.27;
    pass.use({
      ...common,
      ...this.#motion(look, moving ? older : newest, newest, moving ? look.mixing : 1),
      size: dense ? 0 : body * FIELD * lens.grow * Math.min(look.height, look.width / 1.25),
      least: header.total > 200_000 ? 1.5 : 2,
      near: lens.fog[0],
      far: lens.fog[1],
      fog: 0.41 - 0.01 * +theme.dark,
      strength: dense ? 0.12 : 1,
      picking: this.#picking,
      rim: look.solid && this.#sheet.shown ? 0.5 : 0.02,
    });
    this.#feed(pass, moving ? older : newest, newest);
    pass.feed("picked", this.#picking ? this.#flags : newest.values, 1, gl.UNSIGNED_BYTE);
    const drawn = pointsToDraw(header.count, look.detail);
    if (drawn < header.count && header.count === header.total) {
      if (this.#ordered !== header.total) this.#order.write(fairOrder((this.#ordered = header.total)));
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#order.buffer);
      gl.drawElements(gl.POINTS, drawn, gl.UNSIGNED_INT, 0);
    } else gl.drawArrays(gl.POINTS, 0, drawn);
  }

  /** A line from frame to frame for as many particles as are worth it, fainter the older it is. */
  #drawTrails(look: Look, common: object): void {
    const { gl } = this.#shared;
    const { count } = this.#slots[0]!.frame.header;
    const every = Math.ceil(count / TRAILS_OF);
    for (let age = Math.min(this.#slots.length, TRAIL_FRAMES + 1) - 1; age > 0; age--) {
      const [from, to] = [this.#slots[age]!, this.#slots[age - 1]!];
      if (!sameParticles(from.frame, to.frame)) continue;
      this.#trail.use({
        ...common,
        ...this.#motion(look, from, to, age === 1 ? look.mixing : 1),
        strength: 0.75 * (1 - (age - 1) / TRAIL_FRAMES),
      });
      this.#feed(this.#trail, from, to, every, 1);
      gl.drawArraysInstanced(gl.LINES, 0, 2, Math.ceil(count / every));
    }
  }

  #motion(look: Look, from: Slot, to: Slot, mixing: number): Record<string, number | number[]> {
    const [a, b] = [from.frame.header, to.frame.header];
    const span = (low: number[], high: number[]): number[] => low.map((x, i) => (high[i]! - x) * STRETCH);
    const [low, high] = look.shown;
    return {
      lowA: a.low, spanA: span(a.low, a.high), lowB: b.low, spanB: span(b.low, b.high), half_: look.half,
      valueA: [a.range[0], (a.range[1] - a.range[0]) * STRETCH], valueB: [b.range[0], (b.range[1] - b.range[0]) * STRETCH],
      shown: [low, high > low ? 1 / (high - low) : 0], mixing: a.colour === b.colour ? mixing : 1, coloured: b.colour ? 1 : 0,
    };
  }

  #feed(pass: Pass, from: Slot, to: Slot, every = 1, each = 0): void {
    const kind = this.#shared.gl.UNSIGNED_SHORT;
    pass.feed("a", from.places, from.size, kind, 2 * from.size * every, each);
    pass.feed("b", to.places, to.size, kind, 2 * to.size * every, each);
    pass.feed("p", from.values, 1, kind, 2 * every, each);
    pass.feed("q", to.values, 1, kind, 2 * every, each);
  }
}
