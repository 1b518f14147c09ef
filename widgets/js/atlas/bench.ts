import { Camera } from "../core/camera.ts";
import { colourTable } from "../core/colours.ts";
import { h } from "../core/dom.ts";
import { count, short } from "../core/format.ts";
import type { SharedGL } from "../core/gl.ts";
import { acquireGL } from "../core/gl.ts";
import type { AtlasFrame } from "./messages.ts";
import { Particles } from "./particles.ts";

const NUMBERS = [10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];
const WIDTH = 1100;
const HEIGHT = 540;
const UPLOADS = 8;
const BOX = [[0, 0, 0], [1, 1, 1]] as const;
const COLUMNS = ["particles", "drawn as", "frames/s", "ms between frames: median", "95 %", "GPU ms a frame", "upload ms"];

/** Particles all over the box; two seeds make two moments between which the picture moves. */
function cloud(total: number, number: number): AtlasFrame {
  const random = (length: number): Uint8Array => {
    const codes = new Uint16Array(length);
    let seed = number;
    for (let i = 0; i < length; i++) codes[i] = (seed = (seed * 16807) % 2147483647) % 65535;
    return new Uint8Array(codes.buffer);
  };
  return {
    header: {
      type: "frame", seq: number, number, step: number, time: 0, status: "", arrays: [], count: total, total, lost: 0,
      low: [0, 0, 0], high: [1, 1, 1], colour: "value", range: [0, 1], blank: 0, picked: [0, ""], kinds: [], field: null,
      districts: [], badge: [],
    },
    arrays: { positions: random(3 * total), values: random(total) },
  };
}

/** Wait until the graphics card has done everything so far. */
function finish({ gl }: SharedGL): void {
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
}

function quantile(values: number[], share: number): number {
  const sorted = values.slice().sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

const nextFrame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));

class Bench {
  readonly #shared: SharedGL;
  readonly #canvas: HTMLCanvasElement;
  readonly #camera = new Camera(BOX);

  constructor(shared: SharedGL, canvas: HTMLCanvasElement) {
    this.#shared = shared;
    this.#canvas = canvas;
  }

  /** A turning picture that moves between two moments, drawn whole, for some seconds: one row of the table. */
  async measure(total: number, dense: boolean, seconds: number): Promise<string[]> {
    const particles = new Particles(this.#shared);
    particles.setTable(colourTable());
    const frames = [cloud(total, 1), cloud(total, 2)];
    const uploads = Array.from({ length: UPLOADS }, (_, i) => {
      const start = performance.now();
      particles.load(frames[i % 2]!);
      finish(this.#shared);
      return performance.now() - start;
    });
    const gaps: number[] = [];
    const end = performance.now() + 1000 * seconds;
    let before = await nextFrame();
    while (before < end) {
      this.#draw(particles, dense, (before % 1000) / 1000);
      const now = await nextFrame();
      gaps.push(now - before);
      before = now;
    }
    finish(this.#shared);
    const start = performance.now();
    for (let i = 0; i < UPLOADS; i++) this.#draw(particles, dense, i / UPLOADS);
    finish(this.#shared);
    const busy = (performance.now() - start) / UPLOADS;
    particles.free();
    const rate = (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0);
    const numbers = [rate, quantile(gaps, 0.5), quantile(gaps, 0.95), busy, quantile(uploads.slice(2), 0.5)];
    return [count(total), dense ? "density" : "spheres", ...numbers.map((x) => short(x))];
  }

  #draw(particles: Particles, dense: boolean, mixing: number): void {
    const lens = this.#camera;
    lens.turn(0.01, 0);
    lens.settle(16, true);
    lens.update(WIDTH / HEIGHT);
    particles.draw({
      lens, dense, mixing, box: BOX as unknown as number[][], theme: { dark: true, ink: "", faint: "", ground: [0.05, 0.07, 0.09] },
      half: [1, 1, 1], width: WIDTH, height: HEIGHT, shown: [0, 1], detail: 1, solid: true, disk: false, trails: false, opacity: 1,
    });
    const context = this.#canvas.getContext("2d")!;
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const { canvas } = this.#shared;
    context.drawImage(canvas, 0, canvas.height - HEIGHT, WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT);
  }
}

function nameOf({ gl }: SharedGL): string {
  const known = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(known ? known.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

async function run(): Promise<void> {
  const wanted = new URLSearchParams(location.search);
  const most = Number(wanted.get("most") ?? 1_000_000);
  const seconds = Number(wanted.get("seconds") ?? 4);
  const canvas = h("canvas", { width: WIDTH, height: HEIGHT });
  const body = h("tbody");
  const head = h("tr", {}, ...COLUMNS.map((name) => h("th", {}, name)));
  const state = h("p", {}, "measuring …");
  const shared = acquireGL(() => undefined);
  document.body.append(h("h1", {}, "Particles in this browser"), state, h("table", {}, h("thead", {}, head), body), canvas);
  if (!shared) {
    state.textContent = "This browser has no WebGL2.";
    return;
  }
  const device = `${nameOf(shared)}; ${navigator.userAgent}; ${WIDTH} × ${HEIGHT} pixels`;
  const bench = new Bench(shared, canvas);
  for (const total of NUMBERS.filter((number) => number <= most)) {
    for (const dense of [false, true]) {
      const row = await bench.measure(total, dense, seconds);
      body.append(h("tr", {}, ...row.map((text) => h("td", {}, text))));
    }
  }
  state.textContent = device;
  document.body.dataset["done"] = "true";
}

void run();
