import type { Lens } from "../core/lens.ts";
import type { Lifetime } from "../core/model.ts";
import type { Mode } from "./pick.ts";

const ZOOM_PER_PIXEL = 0.0016;

export type Tool = "lasso" | "box";

export interface GestureEvents {
  changed(): void;
  wheelRefused(): void;
  /** The tool in hand, or null when dragging turns the picture. */
  tool(): Tool | null;
  /** An outline is being drawn, x0, y0, x1, y1, …; null: it was given up. */
  outline(points: number[] | null): void;
  /** The outline is closed. */
  closed(points: number[], mode: Mode | null): void;
  /** The pointer rests, or has left (null). */
  rests(place: [number, number] | null): void;
}

const REST_MS = 120;

/** Shift adds, Alt takes away, both keep what is in both. */
function modeOf({ shiftKey, altKey }: PointerEvent): Mode | null {
  return shiftKey ? (altKey ? "intersect" : "add") : altKey ? "subtract" : null;
}

/**
 * Drag turns or draws an outline, two fingers pinch, double click resets. The wheel zooms only when the picture has the
 * focus or Ctrl is held, so that it never steals the page's scrolling from somebody passing by.
 */
export function gestures(canvas: HTMLCanvasElement, lens: Lens, events: GestureEvents, lifetime: Lifetime): void {
  const fingers = new Map<number, { x: number; y: number }>();
  let outline: number[] | null = null;
  let resting: ReturnType<typeof setTimeout> | undefined;
  lifetime.add(() => clearTimeout(resting));

  const spread = (): number => {
    const [one, other] = [...fingers.values()];
    return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
  };
  const placeOf = ({ clientX, clientY }: MouseEvent): [number, number] => {
    const { left, top } = canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const middle = (x: number, y: number): [number, number] => [x - canvas.clientWidth / 2, canvas.clientHeight / 2 - y];

  lifetime.listen(canvas, "pointerdown", (event: PointerEvent) => {
    if (event.button !== 0) return;
    const [x, y] = placeOf(event);
    fingers.set(event.pointerId, { x, y });
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    outline = events.tool() && fingers.size === 1 ? [x, y] : null;
  });
  lifetime.listen(canvas, "pointermove", (event: PointerEvent) => {
    const [x, y] = placeOf(event);
    clearTimeout(resting);
    events.rests(null);
    const finger = fingers.get(event.pointerId);
    if (!finger) {
      resting = setTimeout(() => events.rests([x, y]), REST_MS);
      return;
    }
    const before = spread();
    const old = { ...finger };
    finger.x = x;
    finger.y = y;
    if (fingers.size > 1) {
      if (before > 0) lens.zoom(spread() / before);
    } else if (outline) {
      const [u, v] = outline as [number, number];
      if (events.tool() === "box") outline = [u, v, x, v, x, y, u, y];
      else outline.push(x, y);
      events.outline(outline);
    } else lens.drag(...middle(old.x, old.y), ...middle(x, y), canvas.clientHeight);
    events.changed();
  });
  lifetime.listen(canvas, "pointerleave", () => {
    clearTimeout(resting);
    events.rests(null);
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    lifetime.listen(canvas, name, (event: PointerEvent) => {
      fingers.delete(event.pointerId);
      if (!outline) return;
      const points = outline;
      outline = null;
      events.outline(null);
      if (name === "pointerup" && points.length > 5) events.closed(points, modeOf(event));
    });
  }
  lifetime.listen(canvas, "dblclick", () => {
    lens.reset();
    events.changed();
  });
  lifetime.listen(
    canvas,
    "wheel",
    (event: WheelEvent) => {
      if (!event.ctrlKey && !canvas.matches(":focus")) {
        events.wheelRefused();
        return;
      }
      event.preventDefault();
      const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
      const factor = Math.exp(-pixels * ZOOM_PER_PIXEL * (event.ctrlKey ? 4 : 1));
      lens.zoom(factor, ...middle(...placeOf(event)), canvas.clientHeight);
      events.changed();
    },
    { passive: false },
  );
}
