import { registry, tidyRegistry } from "./registry.ts";

/**
 * One WebGL2 context per page, shared by every widget and drawn into their 2-D canvases, because browsers
 * keep only sixteen. It lives in the page's one stnb registry, which is removed with its last user.
 */
const SLOT = "gl1";

type Surface = OffscreenCanvas | HTMLCanvasElement;

export interface SharedGL {
  canvas: Surface;
  gl: WebGL2RenderingContext;
  programs: Map<string, WebGLProgram>;
  users: Set<() => void>;
  lost: boolean;
}

function open(): SharedGL | null {
  const canvas: Surface =
    typeof OffscreenCanvas === "undefined" ? document.createElement("canvas") : new OffscreenCanvas(1, 1);
  const gl = canvas.getContext("webgl2", {
    alpha: true,
    premultipliedAlpha: true,
    antialias: false,
    depth: true,
    powerPreference: "high-performance",
  }) as WebGL2RenderingContext | null;
  if (!gl) return null;
  const shared: SharedGL = { canvas, gl, programs: new Map(), users: new Set(), lost: false };
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
    shared.lost = true;
    shared.programs.clear();
  });
  canvas.addEventListener("webglcontextrestored", () => {
    shared.lost = false;
    for (const restored of shared.users) restored();
  });
  return shared;
}

/** Join the page's context; `restored` runs after a lost context came back. Null without WebGL2. */
export function acquireGL(restored: () => void): SharedGL | null {
  const slots = registry();
  const shared = (slots[SLOT] as SharedGL | undefined) ?? open();
  if (!shared) {
    tidyRegistry();
    return null;
  }
  slots[SLOT] = shared;
  shared.users.add(restored);
  return shared;
}

/** Leave the page's context; the last one out frees it. */
export function releaseGL(shared: SharedGL, restored: () => void): void {
  shared.users.delete(restored);
  if (shared.users.size > 0) return;
  const slots = registry();
  if (slots[SLOT] === shared) delete slots[SLOT];
  shared.gl.getExtension("WEBGL_lose_context")?.loseContext();
  tidyRegistry();
}

/** The linked program of two sources, compiled once per page. */
export function programOf(shared: SharedGL, vertex: string, fragment: string): WebGLProgram {
  const known = shared.programs.get(vertex + fragment);
  if (known) return known;
  const { gl } = shared;
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the particle shader does not link: ${gl.getProgramInfoLog(program)}`);
  }
  shared.programs.set(vertex + fragment, program);
  return program;
}

type Uniform = number | readonly number[] | Float32Array | WebGLTexture;

/** A program with uniforms and attributes by name; what a shader does not use is passed over. */
export class Pass {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #places = new Map<string, WebGLUniformLocation | null>();

  constructor(shared: SharedGL, vertex: string, fragment: string) {
    this.#gl = shared.gl;
    this.#program = programOf(shared, vertex, fragment);
  }

  /** Make it the current program and set these uniforms; textures take the units in the order in which they come. */
  use(values: Record<string, Uniform>): void {
    const gl = this.#gl;
    gl.useProgram(this.#program);
    let unit = 0;
    for (const [name, value] of Object.entries(values)) {
      if (!this.#places.has(name)) this.#places.set(name, gl.getUniformLocation(this.#program, name));
      const at = this.#places.get(name)!;
      if (typeof value === "number") gl.uniform1f(at, value);
      else if ("length" in value) {
        if (value.length > 4) gl.uniformMatrix4fv(at, false, value as Float32Array);
        else gl[`uniform${value.length as 2 | 3}fv`](at, value as number[]);
      } else {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(gl.TEXTURE_2D, value);
        gl.uniform1i(at, unit++);
      }
    }
  }

  /** Feed an attribute of `size` numbers from a buffer, one row per vertex, or per instance when `each` is 1. */
  feed(name: string, buffer: GrowingBuffer, size: number, kind: number, stride = 0, each = 0): void {
    const gl = this.#gl;
    const place = gl.getAttribLocation(this.#program, name);
    if (place < 0) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer.buffer);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, kind, kind === gl.UNSIGNED_SHORT, stride, 0);
    gl.vertexAttribDivisor(place, each);
  }
}

/** A vertex buffer that grows by half and is otherwise overwritten in place. */
export class GrowingBuffer {
  readonly buffer: WebGLBuffer;
  #capacity = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly target: number = gl.ARRAY_BUFFER,
  ) {
    this.buffer = gl.createBuffer()!;
  }

  write(data: ArrayBufferView): void {
    const { gl, target } = this;
    gl.bindBuffer(target, this.buffer);
    if (data.byteLength > this.#capacity) {
      this.#capacity = Math.ceil(data.byteLength * 1.5);
      gl.bufferData(target, this.#capacity, gl.DYNAMIC_DRAW);
    }
    gl.bufferSubData(target, 0, data);
  }

  free(): void {
    this.gl.deleteBuffer(this.buffer);
  }
}
