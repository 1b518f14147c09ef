import type { Agreed, Group } from "../core/group.ts";
import type { Lifetime } from "../core/model.ts";
import { heardBy } from "./look.ts";
import type { Picture } from "./picture.ts";

/**
 * Agree with the other widgets of the group. Whoever is looked at is their hover, and the particles that it hears are
 * their selection for as long; what had been selected before comes back afterwards. The function that is returned
 * tells them; `changed` is called when they have told something.
 */
export function linking(picture: Picture, group: Group, changed: () => void, lifetime: Lifetime): () => void {
  const { choice } = picture;
  let told: number | null = null;
  let ours = "";
  let before: Agreed["selection"] = null;

  const hear = (): void => {
    const [hover, selection] = [group.get("hover"), group.get("selection")];
    const selected = selection?.kind === "particle" && JSON.stringify(selection) !== ours ? selection.ids : [];
    choice.marked = new Set(hover?.kind === "particle" ? [...selected, hover.id] : selected);
    choice.moment = group.get("moment") ?? null;
    choice.brush = group.get("brush") ?? null;
    const uid = hover?.kind === "carrier" ? hover.id : null;
    if (uid !== told) told = choice.hovered = uid;
    changed();
  };
  for (const topic of ["hover", "selection", "moment", "brush"] as const) group.on(topic, hear, lifetime);

  return () => {
    const uid = picture.focus();
    if (uid !== told) {
      told = uid;
      group.set("hover", uid === null ? null : { kind: "carrier", id: uid });
    }
    const place = picture.find(uid);
    const held = ours && JSON.stringify(group.get("selection")) === ours;
    if (!held) before = group.get("selection") ?? null;
    if (place < 0) {
      ours = "";
      if (held) group.set("selection", before);
      return;
    }
    const { look } = picture;
    const selection = { kind: "particle", ids: heardBy(look!, place).map(([tone]) => look!.tones.uid[tone]!) };
    ours = JSON.stringify(selection);
    group.set("selection", selection);
  };
}
