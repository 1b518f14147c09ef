import { Camera } from "../core/camera.ts";
import { colourTable } from "../core/colours.ts";
import type { SharedGL } from "../core/gl.ts";
import { acquireGL, releaseGL } from "../core/gl.ts";
import type { Lifetime } from "../core/model.ts";
import type { Theme } from "../core/theme.ts";
import { CalmRange, DetailShare, Tween } from "../core/tween.ts";
import { drawEdges, drawTicks, edgesOf } from "./axes.ts";
import type { AtlasFrame as Frame, AtlasScene as Scene } from "./messages.ts";
import { Particles } from "./particles.ts";

const FULL_DETAIL_AFTER_MS = 250;

/** The colour map is a little darker on light ground, where its bright end would fade, and lighter on dark. */
const DIM_ON_LIGHT = 0.09;
const DIM_ON_DARK = -0.06;

export interface PictureEvents {
  drawn(): void;
  failed(reason: string): void;
}

/** The canvas: holds the newest frames, draws when something changed, and sleeps otherwise. */
export class Picture {
  readonly camera: Camera;
  readonly range = new CalmRange();
  table = colourTable();
  private readonly context: CanvasRenderingContext2D;
  private shared: SharedGL | null = null;
  private particles: Particles | null = null;
  private frames: Frame[] = [];
  private theme: Theme = { dark: false, ink: "#000", faint: "#888", ground: [1, 1, 1] };
  private readonly tween = new Tween();
  private readonly detail = new DetailShare();
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private scheduled = 0;
  private refine: ReturnType<typeof setTimeout> | undefined;
  private lastDraw = 0;
  private animating = false;
  private visible = false;
  private untold = false;
  private interval = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly scene: Scene,
    private readonly events: PictureEvents,
    private readonly lifetime: Lifetime,
  ) {
    this.camera = new Camera(scene.box);
    this.context = canvas.getContext("2d")!;
    this.open();
    const sizes = new ResizeObserver(() => this.invalidate());
    sizes.observe(canvas);
    lifetime.add(() => {
      sizes.disconnect();
      cancelAnimationFrame(this.scheduled);
      clearTimeout(this.refine);
      this.particles?.free();
      if (this.shared) releaseGL(this.shared, this.restore);
    });
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.table = colourTable(256, theme.dark ? DIM_ON_DARK : DIM_ON_LIGHT);
    this.particles?.setTable(this.table);
    this.invalidate();
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    if (visible) this.invalidate();
  }

  show(frame: Frame): void {
    this.frames = [this.frames[this.frames.length - 1], frame].filter((known) => known !== undefined);
    const { header } = frame;
    this.range.take(header.colour, header.range[0], header.range[1]);
    this.tween.frame(performance.now());
    this.particles?.load(frame);
    this.untold = true;
    this.invalidate();
  }

  /** Pictures per second while moving, and frames per second that arrive. */
  rates(): { painted: number; arriving: number } {
    const moving = performance.now() - this.lastDraw < 500;
    return { painted: moving && this.interval ? 1000 / this.interval : 0, arriving: this.tween.rate(performance.now()) };
  }

  invalidate(): void {
    if (!this.scheduled && this.visible && !this.lifetime.ended) {
      this.scheduled = requestAnimationFrame((now) => this.draw(now));
    }
  }

  private open(): void {
    this.shared = acquireGL(this.restore);
    if (!this.shared) {
      this.events.failed("This browser has no WebGL2, which the picture needs. The numbers below stay live.");
      return;
    }
    if (!this.shared.lost) this.restore();
  }

  private readonly restore = (): void => {
    this.particles = new Particles(this.shared!);
    this.particles.setTable(this.table);
    for (const frame of this.frames) this.particles.load(frame);
    this.invalidate();
  };

  private draw(now: number): void {
    this.scheduled = 0;
    const took = now - this.lastDraw;
    this.lastDraw = now;
    if (this.animating && took < 1000) {
      this.detail.frameTook(took);
      this.interval += 0.15 * (took - this.interval);
    }
    const jump = this.calm.matches;
    const moving = this.camera.settle(Math.min(took, 200), jump);
    const mixing = jump ? 1 : this.tween.at(performance.now());
    this.animating = moving || mixing < 1;
    this.compose(mixing, this.animating ? this.detail.value : 1);
    if (this.untold) {
      this.untold = false;
      this.events.drawn();
    }
    clearTimeout(this.refine);
    if (this.animating) {
      this.invalidate();
      this.refine = setTimeout(() => this.invalidate(), FULL_DETAIL_AFTER_MS);
    }
  }

  private compose(mixing: number, detail: number): void {
    const { canvas, camera, context, scene, shared, theme } = this;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const matrix = camera.update(width / height);
    const pen = { context, width, height, ink: theme.ink, line: theme.faint };
    const edges = edgesOf(scene.box, camera.eye);
    drawEdges(pen, camera, edges, true);
    if (shared && this.particles && !shared.lost) {
      this.particles.draw({
        matrix,
        distance: camera.distance,
        radius: camera.radius,
        half: [0, 1, 2].map((i) => (scene.box[1][i]! - scene.box[0][i]!) / 2) as [number, number, number],
        width: columns,
        height: rows,
        mixing,
        shown: [this.range.low, this.range.high],
        ground: theme.ground,
        dark: theme.dark,
        detail,
      });
      const top = shared.canvas.height - rows;
      context.drawImage(shared.canvas, 0, top, columns, rows, 0, 0, width, height);
    }
    drawEdges(pen, camera, edges, false);
    drawTicks(pen, camera, edges);
  }
}
