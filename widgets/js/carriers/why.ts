import { h } from "../core/dom.ts";
import { short } from "../core/format.ts";
import type { Look } from "./look.ts";
import type { Reasons } from "./messages.ts";

/** What a frame alone says of why a carrier is alive. */
export function fromFrame(look: Look, place: number): Reasons {
  const held = look.state[place] === 2 ? "It is crystallized and fades no more" : `Its gate feeds it with order ${short(look.order[place]!)}`;
  return { sentence: `${held}. (Read off the picture.)`, lines: [] };
}

/** Fill a panel with why a carrier is alive: what the picture says, and then what the kernel does. */
export async function explain(element: HTMLElement, look: Look, uid: number, ask: Promise<unknown>): Promise<void> {
  const { dataset } = element;
  const place = look.place.get(uid);
  const known = place === undefined ? { sentence: "It is gone.", lines: [] } : fromFrame(look, place);
  const turn = (element.dataset["turn"] = String(Number(dataset["turn"] ?? 0) + 1));

  const fill = ({ sentence, lines }: Reasons, source: string, note = ""): void => {
    if (turn !== dataset["turn"]) return;
    Object.assign(dataset, { uid, source });
    const most = Math.max(1, ...lines.map((line) => Math.abs(line[3] ?? 0)));
    const rows = lines.map(([name, value, unit, share]) => {
      const bar = h("span", { class: share! < 0 ? "stnb-less" : "stnb-more" });
      bar.style.width = `${(50 * Math.abs(share ?? 0)) / most}%`;
      const text = `${typeof value === "number" ? short(value) : value} ${unit}`;
      return h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, text), h("td", { class: "stnb-balance" }, bar));
    });
    element.replaceChildren(h("h4", {}, `Why is carrier ${uid} alive?`), h("p", {}, sentence), h("table", {}, ...rows), h("p", { class: "stnb-note" }, note));
  };

  if (dataset["uid"] !== String(uid)) fill(known, "frame");
  try {
    fill((await ask) as Reasons, "kernel");
  } catch (error) {
    fill(known, "frame", `No balance of a step: ${(error as Error).message}.`);
  }
}
