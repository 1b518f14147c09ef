import { setText } from "../core/dom.ts";

/** A button that turns the page dark or light; until it is pressed, the page follows the system. */
export function toggleTheme(button: HTMLButtonElement): HTMLButtonElement {
  const page = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = (): boolean => (page.dataset["theme"] ?? (system.matches ? "dark" : "light")) === "dark";
  const name = (): void => setText(button, dark() ? "Light theme" : "Dark theme");
  button.addEventListener("click", () => {
    page.dataset["theme"] = dark() ? "light" : "dark";
    name();
  });
  system.addEventListener("change", name);
  name();
  return button;
}
