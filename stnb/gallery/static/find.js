(() => {
  const form = document.querySelector(".find");
  const field = form.querySelector("input");
  const count = form.querySelector("output");
  const tags = [...document.querySelectorAll("button.tag")];
  const cards = [...document.querySelectorAll("[data-words]")];
  const one = count.dataset.one;
  const chosen = () => tags.filter((tag) => tag.getAttribute("aria-pressed") === "true").map((tag) => tag.value);
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = chosen();
    let shown = 0;
    for (const card of cards) {
      const own = (card.dataset.tags ?? "").split("|");
      const fits = words.every((word) => card.dataset.words.includes(word)) && wanted.every((tag) => own.includes(tag));
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = shown === cards.length ? `${shown} ${one}${shown === 1 ? "" : "s"}` : `${shown} of ${cards.length} ${one}s`;
  };
  field.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const tag of tags) {
    tag.addEventListener("click", () => {
      tag.setAttribute("aria-pressed", String(tag.getAttribute("aria-pressed") !== "true"));
      show();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target === document.body) {
      event.preventDefault();
      field.focus();
    } else if (event.key === "Escape" && event.target === field) {
      field.value = "";
      show();
    }
  });
  for (const part of document.querySelectorAll(".find")) part.hidden = false;
  show();
})();
