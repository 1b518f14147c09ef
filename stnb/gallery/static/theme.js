(() => {
  const page = document.documentElement;
  const remembered = () => { try { return localStorage.getItem("stnb-theme"); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem("stnb-theme", theme); } catch { /* a page of its own */ } };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (page.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const known = remembered();
  if (known === "dark" || known === "light") page.dataset.theme = known;
  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".theme");
    const name = () => { button.textContent = isDark() ? "Light theme" : "Dark theme"; };
    button.hidden = false;
    button.addEventListener("click", () => {
      page.dataset.theme = isDark() ? "light" : "dark";
      remember(page.dataset.theme);
      name();
    });
    system.addEventListener("change", name);
    name();
    const contents = document.querySelector("details.contents");
    if (contents && matchMedia("(min-width: 68rem)").matches) contents.open = true;
  });
})();
