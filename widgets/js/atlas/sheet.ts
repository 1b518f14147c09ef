import type { SharedGL } from "../core/gl.ts";
import { Pass } from "../core/gl.ts";
import type { AtlasFrame } from "./messages.ts";
import { PLANE, SHEET } from "./shaders.ts";

const VERTICES = 6 * 48 * 48;

/** A field on a plane: the newest one, as a texture. */
export class Sheet {
  readonly #gl: WebGL2RenderingContext;
  readonly #pass: Pass;
  readonly #codes: WebGLTexture;
  #field: AtlasFrame["header"]["field"] = null;

  constructor(shared: SharedGL) {
    this.#gl = shared.gl;
    this.#pass = new Pass(shared, PLANE, SHEET);
    this.#codes = shared.gl.createTexture()!;
  }

  load({ header, arrays }: AtlasFrame): void {
    const gl = this.#gl;
    const [, , shape] = header.arrays.find(([name]) => name === "field") ?? [];
    this.#field = shape ? header.field : null;
    if (!shape) return;
    gl.bindTexture(gl.TEXTURE_2D, this.#codes);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, shape[1]!, shape[0]!, 0, gl.RED, gl.UNSIGNED_BYTE, arrays["field"]!);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  }

  get shown(): boolean {
    return !!this.#field;
  }

  draw(uniforms: Parameters<Pass["use"]>[0], { box }: { box: readonly number[][] }): void {
    if (!this.#field) return;
    const { axis, at } = this.#field;
    const [low, high] = box as [number[], number[]];
    const edge = (of: number): number[] => [0, 1, 2].map((i) => (i === of ? high[i]! - low[i]! : 0));
    const [along, across] = [0, 1, 2].filter((i) => i !== axis) as [number, number];
    const corner = low.map((x, i) => (i === axis ? at : x));
    this.#pass.use({ ...uniforms, corner, along: edge(along), across: edge(across), codes: this.#codes });
    this.#gl.drawArrays(this.#gl.TRIANGLES, 0, VERTICES);
  }

  free(): void {
    this.#gl.deleteTexture(this.#codes);
  }
}
