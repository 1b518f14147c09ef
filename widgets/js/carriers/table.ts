import { h } from "../core/dom.ts";
import { count } from "../core/format.ts";
import type { Look } from "./look.ts";
import { facts, strongest } from "./look.ts";
import { FACTS } from "./messages.ts";
import { chip } from "./tools.ts";

export const MOST_ROWS = 50;

type Key = (typeof FACTS)[number][0];

/** Places of the carriers in a table: the pinned and the strongest, the pinned first, in the order of a column; sign 1 rises. */
export function tableOrder(look: Look, key: Key, sign: number, pins: ReadonlySet<number>): number[] {
  const pinned = (i: number): number => Number(pins.has(look.uid[i]!));
  const first = (a: number, b: number): number => pinned(b) - pinned(a);
  const chosen = strongest(look).sort(first).slice(0, MOST_ROWS);
  return chosen.sort((a, b) => first(a, b) || sign * (look[key][a]! - look[key][b]!));
}

/** The strongest carriers as numbers, sorted by the column that the element names; heads sort, the others pick. */
export function tabulate(element: HTMLElement, look: Look, pins: ReadonlySet<number>, picked: number | null, pick: (uid: number) => void): void {
  const { dataset } = element;
  const held = (document.activeElement as HTMLElement | null)?.dataset["row"];
  const [key, sign] = [(dataset["key"] ?? "amplitude") as Key, Number(dataset["sign"] ?? -1)];
  const heads = FACTS.map(([name, title, unit]) => {
    const sort = (): void => {
      Object.assign(dataset, { key: name, sign: name === key ? -sign : -1 });
      tabulate(element, look, pins, picked, pick);
    };
    const sorted = name !== key ? "none" : sign < 0 ? "descending" : "ascending";
    return h("th", { scope: "col", "aria-sort": sorted }, chip({ "data-row": name }, `${title} ${unit}`, sort));
  });
  const order = tableOrder(look, key, sign, pins);
  const rows = order.map((i) => {
    const uid = look.uid[i]!;
    const cells = facts(look, i).slice(1).map(([, value]) => h("td", {}, value));
    const name = chip({ "data-row": uid }, uid + (pins.has(uid) ? " pinned" : ""), () => pick(uid));
    return h("tr", { class: uid === picked && "stnb-picked" }, h("th", { scope: "row" }, name), ...cells);
  });
  const caption = h("caption", {}, `${count(order.length)} of ${count(look.header.total)} carriers`);
  element.replaceChildren(h("table", {}, caption, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows)));
  if (held) element.querySelector<HTMLElement>(`[data-row="${held}"]`)?.focus();
}
