import type { Lifetime } from "../core/model.ts";
import type { Layout } from "./layout.ts";
import { clamp } from "./layout.ts";

const CLICK_PIXELS = 4;
const ZOOM_PER_PIXEL = 0.0016;

export interface Deeds {
  pan(pixels: number): void;
  /** Magnify around a place of the plot, 0 at its left end and 1 at its right. */
  zoom(factor: number, share: number): void;
  /** The pointer rests on a place, or on nothing. */
  point(x: number | null, y: number): void;
  brush(from: number, to: number): void;
  click(x: number): void;
  /** A place of the whole run was taken, 0 ... 1. */
  strip(share: number): void;
  whole(): void;
  wheelRefused(): void;
}

/**
 * Drag pans, with Shift it brushes, on the strip it moves the window; two fingers pinch. The wheel zooms only when the
 * picture has the focus or Ctrl is held, so that it never steals the page's scrolling from somebody passing by.
 */
export function gestures(canvas: HTMLCanvasElement, layout: () => Layout, deeds: Deeds, lifetime: Lifetime): void {
  const fingers = new Map<number, number>();
  let drag: "pan" | "brush" | "strip" | "" = "";
  let [start, moved] = [0, false];
  const spread = (): number => {
    const [one = 0, other = one] = [...fingers.values()];
    return Math.abs(one - other);
  };
  const share = (x: number): number => {
    const { left, right } = layout();
    return clamp((x - left) / (right - left), 0, 1);
  };
  const listen = <K extends keyof HTMLElementEventMap>(name: K, heard: (event: HTMLElementEventMap[K]) => void): void =>
    lifetime.listen(canvas, name, heard, { passive: false });

  listen("pointerdown", (event) => {
    if (event.button) return;
    const { offsetX, offsetY, pointerId } = event;
    canvas.setPointerCapture(pointerId);
    canvas.focus({ preventScroll: true });
    fingers.set(pointerId, offsetX);
    moved = fingers.size > 1;
    if (moved) return;
    start = offsetX;
    drag = offsetY > layout().strip ? "strip" : event.shiftKey ? "brush" : "pan";
    if (drag === "strip") deeds.strip(share(offsetX));
  });
  listen("pointermove", ({ offsetX, offsetY, pointerId }) => {
    const was = fingers.get(pointerId);
    if (was === undefined) return deeds.point(offsetY < layout().bottom ? offsetX : null, offsetY);
    if (!moved && Math.abs(offsetX - start) < CLICK_PIXELS) return;
    const before = spread();
    fingers.set(pointerId, offsetX);
    if (before > 8) deeds.zoom(spread() / before, share(offsetX));
    else if (drag === "pan") deeds.pan((moved ? was : start) - offsetX);
    else if (drag === "brush") deeds.brush(start, offsetX);
    else deeds.strip(share(offsetX));
    moved = true;
  });
  const lift = (event: PointerEvent): void => {
    if (fingers.delete(event.pointerId) && event.type === "pointerup" && drag === "pan" && !moved) deeds.click(event.offsetX);
  };
  listen("pointerup", lift);
  listen("lostpointercapture", lift);
  listen("pointerleave", () => deeds.point(null, 0));
  listen("dblclick", () => deeds.whole());
  listen("wheel", (event) => {
    if (!event.ctrlKey && !canvas.matches(":focus")) return deeds.wheelRefused();
    event.preventDefault();
    const unit = event.deltaMode ? 16 : 1;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) deeds.pan(event.deltaX * unit);
    else deeds.zoom(Math.exp(-event.deltaY * unit * ZOOM_PER_PIXEL * (event.ctrlKey ? 4 : 1)), share(event.offsetX));
  });
}
