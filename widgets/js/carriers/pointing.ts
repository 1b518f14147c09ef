import type { Lifetime } from "../core/model.ts";
import type { Picture, Place } from "./picture.ts";

const NEAR = 16;
/** A stem, or a line of the waterfall, is farther than a symbol at the same distance. */
const STEM = 12;
const CLICK = 4;
const ZOOM_PER_PIXEL = 0.0016;

export interface Pointed {
  hover(uid: number | null): void;
  pick(uid: number | null): void;
  moment(step: number): void;
}

function placeAt({ places }: Picture, px: number, py: number): Place | undefined {
  return places.find(({ area: { x, y, w, h } }) => px >= x - NEAR && px <= x + w + NEAR && py >= y - NEAR && py <= y + h + NEAR);
}

/** The carrier under a place of the picture: its symbol, its stem, or its line in the waterfall; null for none. */
export function carrierAt(picture: Picture, px: number, py: number): number | null {
  const { look, span } = picture;
  const place = placeAt(picture, px, py);
  if (!look || !place) return null;
  const { area, panel, spots } = place;
  let best: number | null = null;
  let least = NEAR;
  look.uid.forEach((uid, i) => {
    const [x, y] = spots?.[i] ?? [area.x + area.w * span.share(look.omega[i]!), py];
    const away = Math.hypot(x - px, panel === "spectrum" && py > y ? STEM : spots ? y - py : STEM);
    if (away < least) [best, least] = [uid, away];
  });
  return best;
}

/** Hover, click, drag along the frequencies, wheel. */
export function pointing(picture: Picture, told: Pointed, lifetime: Lifetime): void {
  const { canvas, span, past } = picture;
  /** Pixels that a pressed pointer has moved, NaN when none is pressed. */
  let moved = NaN;
  const on = <E extends Event>(name: string, act: (event: E) => void, options = {}): void => lifetime.listen(canvas, name, act as (event: never) => void, options);
  on("pointerdown", (event: PointerEvent) => {
    if (event.button) return;
    moved = 0;
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
  });
  on("pointermove", ({ offsetX: x, offsetY: y, movementX, movementY }: PointerEvent) => {
    if (Number.isNaN(moved)) return told.hover(carrierAt(picture, x, y));
    const place = placeAt(picture, x, y);
    moved += Math.abs(movementX) + Math.abs(movementY);
    if (!place || place.panel === "phases" || moved < CLICK) return;
    span.zoom(1, span.low, -movementX / place.area.w);
    picture.invalidate();
  });
  on("pointerup", ({ offsetX: x, offsetY: y }: PointerEvent) => {
    if (!(moved < CLICK)) return;
    const place = placeAt(picture, x, y);
    const row = place?.panel === "waterfall" ? past.rowAt((y - place.area.y) / place.area.h) : undefined;
    const uid = carrierAt(picture, x, y);
    if (uid !== null || !row) told.pick(uid);
    if (row) told.moment(row.step);
  });
  on("lostpointercapture", () => (moved = NaN));
  on("pointerleave", () => told.hover(null));
  on("wheel", (event: WheelEvent) => {
    if (!event.ctrlKey && !canvas.matches(":focus")) return;
    event.preventDefault();
    const area = placeAt(picture, event.offsetX, event.offsetY)?.area;
    if (!area) return;
    const pixels = event.deltaY * (event.deltaMode ? 16 : 1) * (event.ctrlKey ? 4 : 1);
    span.zoom(Math.exp(-pixels * ZOOM_PER_PIXEL), span.at((event.offsetX - area.x) / area.w));
    picture.invalidate();
  }, { passive: false });
}
