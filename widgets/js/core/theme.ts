import type { Lifetime } from "./model.ts";

export interface Theme {
  dark: boolean;
  ink: string;
  faint: string;
  ground: [number, number, number];
}

/** Red, green, blue in 0 ... 1 of a computed `rgb()` / `color(srgb ...)` value. */
export function parseRgb(text: string): [number, number, number] {
  const numbers = (text.match(/[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  const scale = text.startsWith("color(") ? 1 : 255;
  return [(numbers[0] ?? 0) / scale, (numbers[1] ?? 0) / scale, (numbers[2] ?? 0) / scale];
}

export function isDark([red, green, blue]: [number, number, number]): boolean {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45;
}

/** Reads the theme from computed styles and calls back whenever the page may have changed it. */
export function watchTheme(root: HTMLElement, stage: HTMLElement, changed: (theme: Theme) => void, lifetime: Lifetime): void {
  let last = "";
  const probe = (): void => {
    if (!root.isConnected) return;
    root.removeAttribute("data-theme");
    const page = parseRgb(getComputedStyle(root).backgroundColor);
    root.dataset["theme"] = isDark(page) ? "dark" : "light";
    const style = getComputedStyle(stage);
    const [ink, ground] = [style.color, style.backgroundColor];
    const faint = style.outlineColor;
    const seen = `${ink}|${ground}|${faint}`;
    if (seen === last) return;
    last = seen;
    const rgb = parseRgb(ground);
    changed({ dark: isDark(rgb), ink, faint, ground: rgb });
  };
  const later = (): void => {
    if (!lifetime.ended) requestAnimationFrame(() => lifetime.ended || probe());
  };
  const observer = new MutationObserver(later);
  const options = { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-jp-theme-name", "data-jp-theme-light"] };
  observer.observe(document.body, options);
  observer.observe(document.documentElement, options);
  lifetime.add(() => observer.disconnect());
  lifetime.listen(matchMedia("(prefers-color-scheme: dark)"), "change", later);
  lifetime.listen(document, "load", later, { capture: true });
  const firstSight = new ResizeObserver(probe);
  firstSight.observe(root);
  lifetime.add(() => firstSight.disconnect());
}
