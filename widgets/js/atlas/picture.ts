import { Camera } from "../core/camera.ts";
import { colourTable } from "../core/colours.ts";
import type { SharedGL } from "../core/gl.ts";
import { acquireGL, releaseGL } from "../core/gl.ts";
import type { Lens } from "../core/lens.ts";
import type { Lifetime } from "../core/model.ts";
import type { Theme } from "../core/theme.ts";
import { CalmRange, DetailShare, Tween } from "../core/tween.ts";
import type { Pen } from "./axes.ts";
import { drawEdges, drawTicks, edgesOf } from "./axes.ts";
import { Flat } from "./flat.ts";
import { drawDisk, drawPlane, drawScale } from "./ground.ts";
import type { AtlasFrame as Frame, AtlasScene as Scene } from "./messages.ts";
import { Particles } from "./particles.ts";

const FULL_DETAIL_AFTER_MS = 250;

/** The colour map is a little darker on light ground, where its bright end would fade, and lighter on dark. */
const DIM_ON_LIGHT = 0.09;
const DIM_ON_DARK = -0.06;

export interface PictureEvents {
  drawn(): void;
  failed(reason: string): void;
  /** Draw what stands on top of the particles. */
  over(pen: Pen): void;
}

/** The canvas: holds the newest frames, draws when something changed, and sleeps otherwise. */
export class Picture {
  readonly lens: Lens;
  readonly range = new CalmRange();
  table = colourTable();
  theme: Theme = { dark: false, ink: "#000", faint: "#888", ground: [1, 1, 1] };
  dense = false;
  opacity = 0.6;
  readonly #canvas: HTMLCanvasElement;
  readonly #scene: Scene;
  readonly #events: PictureEvents;
  readonly #lifetime: Lifetime;
  readonly #context: CanvasRenderingContext2D;
  #shared: SharedGL | null = null;
  #particles: Particles | null = null;
  #frames: Frame[] = [];
  #flags: Uint8Array | null = null;
  #trails = false;
  readonly #tween = new Tween();
  readonly #detail = new DetailShare();
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #scheduled = 0;
  #refine: ReturnType<typeof setTimeout> | undefined;
  #lastDraw = 0;
  #animating = false;
  #visible = false;
  #untold = false;
  #interval = 0;

  constructor(canvas: HTMLCanvasElement, scene: Scene, events: PictureEvents, lifetime: Lifetime) {
    this.#canvas = canvas;
    this.#scene = scene;
    this.#events = events;
    this.#lifetime = lifetime;
    const camera = scene.projection === "3d";
    this.lens = camera ? new Camera(scene.box) : new Flat(scene.box, scene.projection === "disk");
    this.#context = canvas.getContext("2d")!;
    this.#open();
    const sizes = new ResizeObserver(() => this.invalidate());
    sizes.observe(canvas);
    lifetime.add(() => {
      sizes.disconnect();
      cancelAnimationFrame(this.#scheduled);
      clearTimeout(this.#refine);
      this.#particles?.free();
      if (this.#shared) releaseGL(this.#shared, this.#restore);
    });
  }

  get pen(): Pen {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const { ink, faint, ground } = this.theme;
    const rgb = ground.map((share) => Math.round(255 * share));
    return { context: this.#context, width, height, ink, line: faint, ground: `rgb(${rgb})` };
  }

  get trails(): boolean {
    return this.#trails;
  }

  set trails(on: boolean) {
    this.#trails = on;
    if (this.#particles) this.#particles.keepTrails = on;
    this.invalidate();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.table = colourTable(256, theme.dark ? DIM_ON_DARK : DIM_ON_LIGHT);
    this.#particles?.setTable(this.table);
    this.invalidate();
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.invalidate();
  }

  show(frame: Frame): void {
    this.#frames = [...this.#frames.slice(-1), frame];
    const { header } = frame;
    this.range.take(header.colour, header.range[0], header.range[1]);
    this.#tween.frame(performance.now());
    this.#particles?.load(frame);
    this.#untold = true;
    this.invalidate();
  }

  /** Let these particles of the newest frame stand out, a byte each; null for none. */
  pick(flags: Uint8Array | null): void {
    this.#flags = flags;
    this.#particles?.pick(flags);
    this.invalidate();
  }

  /** Pictures per second while moving, and frames per second that arrive. */
  rates(): { painted: number; arriving: number } {
    const moving = performance.now() - this.#lastDraw < 500;
    return { painted: moving && this.#interval ? 1000 / this.#interval : 0, arriving: this.#tween.rate(performance.now()) };
  }

  invalidate(): void {
    if (!this.#scheduled && this.#visible && !this.#lifetime.ended) {
      this.#scheduled = requestAnimationFrame((now) => this.#draw(now));
    }
  }

  #open(): void {
    this.#shared = acquireGL(this.#restore);
    if (!this.#shared) {
      this.#events.failed("This browser has no WebGL2, which the picture needs. The numbers below stay live.");
      return;
    }
    if (!this.#shared.lost) this.#restore();
  }

  readonly #restore = (): void => {
    const particles = (this.#particles = new Particles(this.#shared!));
    particles.setTable(this.table);
    particles.keepTrails = this.#trails;
    for (const frame of this.#frames) particles.load(frame);
    particles.pick(this.#flags);
    this.invalidate();
  };

  #draw(now: number): void {
    this.#scheduled = 0;
    const took = now - this.#lastDraw;
    this.#lastDraw = now;
    if (this.#animating && took < 1000) {
      this.#detail.frameTook(took);
      this.#interval += 0.15 * (took - this.#interval);
    }
    const jump = this.#calm.matches;
    const moving = this.lens.settle(Math.min(took, 200), jump);
    const mixing = jump ? 1 : this.#tween.at(performance.now());
    this.#animating = moving || mixing < 1;
    this.#compose(mixing, this.#animating ? this.#detail.value : 1);
    if (this.#untold) {
      this.#untold = false;
      this.#events.drawn();
    }
    clearTimeout(this.#refine);
    if (this.#animating) {
      this.invalidate();
      this.#refine = setTimeout(() => this.invalidate(), FULL_DETAIL_AFTER_MS);
    }
  }

  #compose(mixing: number, detail: number): void {
    const canvas = this.#canvas;
    const context = this.#context;
    const { box, projection } = this.#scene;
    const { lens, pen } = this;
    const { width, height } = pen;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    if (!width || !height) return;
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    lens.update(width / height);
    const camera = lens instanceof Camera ? lens : null;
    const edges = camera ? edgesOf(box, camera.eye) : [];
    if (camera) drawEdges(pen, camera, edges, true);
    const disk = projection === "disk";
    const ground = (): void => (disk ? drawDisk(pen, lens) : drawPlane(pen, lens, box));
    this.#drawParticles(columns, rows, mixing, detail, disk);
    if (camera) {
      drawEdges(pen, camera, edges, false);
      drawTicks(pen, camera, edges);
    } else {
      context.globalCompositeOperation = "destination-over";
      ground();
      context.globalCompositeOperation = "source-over";
    }
    drawScale(pen, lens, disk);
    this.#events.over(pen);
  }

  #drawParticles(columns: number, rows: number, mixing: number, detail: number, disk: boolean): void {
    const shared = this.#shared;
    if (!shared || !this.#particles || shared.lost) return;
    const { box } = this.#scene;
    this.#particles.draw({
      lens: this.lens,
      theme: this.theme,
      half: box[0].map((low, i) => (box[1][i]! - low) / 2 || 1e30),
      box,
      width: columns,
      height: rows,
      mixing,
      shown: [this.range.low, this.range.high],
      detail,
      solid: this.lens instanceof Camera,
      disk,
      dense: this.dense,
      trails: this.#trails,
      opacity: this.opacity,
    });
    const { width, height } = this.pen;
    this.#context.drawImage(shared.canvas, 0, shared.canvas.height - rows, columns, rows, 0, 0, width, height);
  }
}
