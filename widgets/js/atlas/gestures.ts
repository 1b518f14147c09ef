import type { Camera } from "../core/camera.ts";
import type { Lifetime } from "../core/model.ts";

const TURN_PER_PIXEL = 0.0075;
const ZOOM_PER_PIXEL = 0.0016;

/**
 * Drag turns, two fingers pinch, double click resets. The wheel zooms only when the picture has the focus or
 * Ctrl is held, so that it never steals the page's scrolling from somebody passing by.
 */
export function gestures(
  canvas: HTMLCanvasElement,
  camera: Camera,
  changed: () => void,
  wheelRefused: () => void,
  lifetime: Lifetime,
): void {
  const fingers = new Map<number, { x: number; y: number }>();

  const spread = (): number => {
    const [one, other] = [...fingers.values()];
    return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
  };

  lifetime.listen(canvas, "pointerdown", (event: PointerEvent) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
  });
  lifetime.listen(canvas, "pointermove", (event: PointerEvent) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const before = spread();
    const [dx, dy] = [event.clientX - finger.x, event.clientY - finger.y];
    finger.x = event.clientX;
    finger.y = event.clientY;
    if (fingers.size === 1) camera.turn(-dx * TURN_PER_PIXEL, dy * TURN_PER_PIXEL);
    else if (before > 0) camera.zoom(spread() / before);
    changed();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    lifetime.listen(canvas, name, (event: PointerEvent) => fingers.delete(event.pointerId));
  }
  lifetime.listen(canvas, "dblclick", () => {
    camera.reset();
    changed();
  });
  lifetime.listen(
    canvas,
    "wheel",
    (event: WheelEvent) => {
      if (!event.ctrlKey && !canvas.matches(":focus")) {
        wheelRefused();
        return;
      }
      event.preventDefault();
      const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
      camera.zoom(Math.exp(-pixels * ZOOM_PER_PIXEL * (event.ctrlKey ? 4 : 1)));
      changed();
    },
    { passive: false },
  );
}
