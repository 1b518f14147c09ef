import { FIELD } from "../core/camera.ts";
import { blankColour } from "../core/colours.ts";
import type { SharedGL } from "../core/gl.ts";
import { GrowingBuffer, programOf } from "../core/gl.ts";
import type { AtlasFrame as Frame } from "./messages.ts";

const VERTEX = `#version 300 es
precision highp float;
in vec3 a; in vec3 b; in float p; in float q;
uniform mat4 clip;
uniform vec3 lowA, spanA, lowB, spanB, half_;
uniform vec2 valueA, valueB, shown;
uniform float mixing, size, least, near, far, coloured;
out float hue; out float depth; out float pixels;
const float LOST = 0.99999;
void main() {
  vec3 to = lowB + b * spanB;
  vec3 from = a.x > LOST ? to : lowA + a * spanA;
  if (any(greaterThan(abs(to - from), half_))) from = to;
  vec4 place = clip * vec4(mix(from, to, mixing), 1.0);
  float value = mix(p > LOST ? valueB.x + q * valueB.y : valueA.x + p * valueA.y, valueB.x + q * valueB.y, mixing);
  hue = coloured < 0.5 ? 0.58 : q > LOST ? -1.0 : clamp((value - shown.x) * shown.y, 0.0, 1.0);
  depth = clamp((place.w - near) / (far - near), 0.0, 1.0);
  pixels = clamp(size / place.w, least, 120.0);
  gl_PointSize = pixels;
  gl_Position = b.x > LOST ? vec4(2.0, 2.0, 2.0, 1.0) : place;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in float hue; in float depth; in float pixels;
uniform sampler2D table;
uniform vec3 blank, ground;
uniform float fog;
out vec4 colour;
void main() {
  vec2 at = 2.0 * gl_PointCoord - 1.0;
  float away = length(at);
  float cover = 1.0 - smoothstep(1.0 - 3.0 / pixels, 1.0, away);
  if (cover < 0.02) discard;
  vec3 base = hue < 0.0 ? blank : texture(table, vec2(hue, 0.5)).rgb;
  vec3 normal = vec3(at.x, -at.y, sqrt(max(0.0, 1.0 - away * away)));
  float light = 0.70 + 0.34 * dot(normal, normalize(vec3(-0.45, 0.65, 0.62)));
  vec3 lit = base * mix(1.0, light, smoothstep(3.0, 8.0, pixels));
  colour = vec4(mix(lit, ground, fog * depth), 1.0) * cover;
}`;

const UNIFORMS = [
  "clip", "lowA", "spanA", "lowB", "spanB", "half_", "valueA", "valueB", "shown", "mixing", "size", "least",
  "near", "far", "coloured", "table", "blank", "ground", "fog",
] as const;

/** 65535 is reserved for values that are not finite, so code / 65535 falls a little short of the span. */
const STRETCH = 65535 / 65534;
const ALWAYS_DRAWN = 4000;

export interface Look {
  matrix: Float32Array;
  distance: number;
  radius: number;
  half: [number, number, number];
  width: number;
  height: number;
  mixing: number;
  shown: [number, number];
  ground: [number, number, number];
  dark: boolean;
  detail: number;
}

class Slot {
  readonly positions: GrowingBuffer;
  readonly values: GrowingBuffer;
  frame: Frame | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.positions = new GrowingBuffer(gl);
    this.values = new GrowingBuffer(gl);
  }

  load(frame: Frame): void {
    this.frame = frame;
    this.positions.write(frame.arrays["positions"]!);
    this.values.write(frame.arrays["values"]!);
  }

  free(): void {
    this.positions.free();
    this.values.free();
  }
}

/** The order in which a natural sequence of particles is a fair sample at every prefix. */
export function fairOrder(total: number): Uint32Array {
  const order = new Uint32Array(total);
  let seed = 0x9e3779b9;
  for (let i = 0; i < total; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((seed / 2 ** 32) * (i + 1));
    order[i] = order[other]!;
    order[other] = i;
  }
  return order;
}

/** A share of the particles, but never fewer than a few thousand: those cost nothing worth saving. */
export function pointsToDraw(available: number, detail: number): number {
  return Math.max(Math.min(available, ALWAYS_DRAWN), Math.round(available * detail));
}

/** True when particle i of both frames is the same particle, so that moving from one to the other has a meaning. */
export function sameParticles(one: Frame | null, other: Frame): boolean {
  return one !== null && one.header.count === other.header.count && one.header.total === other.header.total;
}

/** The two newest frames on the GPU, and how they are drawn. */
export class Particles {
  private readonly program: WebGLProgram;
  private readonly places: Record<string, WebGLUniformLocation | null> = {};
  private older: Slot;
  private newer: Slot;
  private readonly tableTexture: WebGLTexture;
  private readonly order: GrowingBuffer;
  private ordered = 0;

  constructor(private readonly shared: SharedGL) {
    const { gl } = shared;
    this.program = programOf(shared, VERTEX, FRAGMENT);
    for (const name of UNIFORMS) this.places[name] = gl.getUniformLocation(this.program, name);
    this.older = new Slot(gl);
    this.newer = new Slot(gl);
    this.order = new GrowingBuffer(gl, gl.ELEMENT_ARRAY_BUFFER);
    this.tableTexture = gl.createTexture()!;
  }

  load(frame: Frame): void {
    [this.older, this.newer] = [this.newer, this.older];
    this.newer.load(frame);
  }

  setTable(table: Uint8Array): void {
    const { gl } = this.shared;
    gl.bindTexture(gl.TEXTURE_2D, this.tableTexture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, table.length / 4, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  draw(look: Look): number {
    const { gl, canvas } = this.shared;
    const { width, height } = look;
    if (canvas.width < width) canvas.width = width;
    if (canvas.height < height) canvas.height = height;
    gl.viewport(0, 0, width, height);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const to = this.newer.frame;
    if (!to || to.header.count === 0) return 0;
    const moving = sameParticles(this.older.frame, to);
    gl.useProgram(this.program);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.setUniforms(look, moving ? this.older : this.newer, moving ? look.mixing : 1);
    this.bind("a", moving ? this.older.positions : this.newer.positions, 3);
    this.bind("b", this.newer.positions, 3);
    this.bind("p", moving ? this.older.values : this.newer.values, 1);
    this.bind("q", this.newer.values, 1);
    const drawn = pointsToDraw(to.header.count, look.detail);
    if (drawn < to.header.count && to.header.count === to.header.total) {
      if (this.ordered !== to.header.total) {
        this.order.write(fairOrder(to.header.total));
        this.ordered = to.header.total;
      }
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.order.buffer);
      gl.drawElements(gl.POINTS, drawn, gl.UNSIGNED_INT, 0);
    } else gl.drawArrays(gl.POINTS, 0, drawn);
    return drawn;
  }

  free(): void {
    this.older.free();
    this.newer.free();
    this.order.free();
    this.shared.gl.deleteTexture(this.tableTexture);
  }

  private setUniforms(look: Look, from: Slot, mixing: number): void {
    const { gl } = this.shared;
    const at = this.places;
    const [a, b] = [from.frame!.header, this.newer.frame!.header];
    const span = (low: number[], high: number[]): number[] => low.map((x, i) => (high[i]! - x) * STRETCH);
    gl.uniformMatrix4fv(at["clip"]!, false, look.matrix);
    gl.uniform3fv(at["lowA"]!, a.low);
    gl.uniform3fv(at["spanA"]!, span(a.low, a.high));
    gl.uniform3fv(at["lowB"]!, b.low);
    gl.uniform3fv(at["spanB"]!, span(b.low, b.high));
    gl.uniform3fv(at["half_"]!, look.half);
    gl.uniform2f(at["valueA"]!, a.range[0], (a.range[1] - a.range[0]) * STRETCH);
    gl.uniform2f(at["valueB"]!, b.range[0], (b.range[1] - b.range[0]) * STRETCH);
    const [low, high] = look.shown;
    gl.uniform2f(at["shown"]!, low, high > low ? 1 / (high - low) : 0);
    gl.uniform1f(at["mixing"]!, a.colour === b.colour ? mixing : 1);
    const body = 0.021 * (1000 / Math.max(b.total, 60)) ** 0.27;
    gl.uniform1f(at["size"]!, body * FIELD * Math.min(look.height, look.width / 1.25));
    gl.uniform1f(at["least"]!, b.total > 200_000 ? 1.5 : 2);
    gl.uniform1f(at["near"]!, Math.max(0.05, look.distance - 1));
    gl.uniform1f(at["far"]!, look.distance + 1);
    gl.uniform1f(at["coloured"]!, b.colour ? 1 : 0);
    gl.uniform3fv(at["blank"]!, blankColour());
    gl.uniform3fv(at["ground"]!, look.ground);
    gl.uniform1f(at["fog"]!, look.dark ? 0.4 : 0.42);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.tableTexture);
    gl.uniform1i(at["table"]!, 0);
  }

  private bind(name: string, buffer: GrowingBuffer, size: number): void {
    const { gl } = this.shared;
    const place = gl.getAttribLocation(this.program, name);
    if (place < 0) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer.buffer);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, gl.UNSIGNED_SHORT, true, 2 * size, 0);
  }
}
