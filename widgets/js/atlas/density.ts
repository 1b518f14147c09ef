import type { SharedGL } from "../core/gl.ts";
import { Pass } from "../core/gl.ts";
import { TONE, WHOLE } from "./shaders.ts";

/** Adds particles up where they lie and shows the logarithm of their number; sums of half floats end at 2048. */
export class Density {
  readonly #gl: WebGL2RenderingContext;
  readonly #tone: Pass;
  readonly #able: boolean;
  readonly #sums: WebGLTexture;
  readonly #target: WebGLFramebuffer;
  #shape = "";

  constructor(shared: SharedGL) {
    const gl = (this.#gl = shared.gl);
    this.#tone = new Pass(shared, WHOLE, TONE);
    this.#able = !!(gl.getExtension("EXT_color_buffer_float") ?? gl.getExtension("EXT_color_buffer_half_float"));
    this.#sums = gl.createTexture()!;
    this.#target = gl.createFramebuffer()!;
  }

  /** Make what is drawn next be added up; false where the browser cannot. */
  ready(width: number, height: number): boolean {
    const gl = this.#gl;
    if (!this.#able) return false;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#sums);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#target);
    if (this.#shape !== (this.#shape = `${width} ${height}`)) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, width, height, 0, gl.RGBA, gl.HALF_FLOAT, null);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#sums, 0);
    }
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.blendFunc(gl.ONE, gl.ONE);
    return true;
  }

  show(table: WebGLTexture, width: number, height: number): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#sums);
    gl.generateMipmap(gl.TEXTURE_2D);
    this.#tone.use({ sums: this.#sums, table, level: Math.max(0, Math.floor(Math.log2(Math.max(width, height) / 16))) });
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  free(): void {
    this.#gl.deleteTexture(this.#sums);
    this.#gl.deleteFramebuffer(this.#target);
  }
}
