import { h, setText } from "../core/dom.ts";
import { short } from "../core/format.ts";
import type { Host } from "../core/mount.ts";
import type { Theme } from "../core/theme.ts";
import { withUnit } from "./legend.ts";
import type { Harmonics, Table, TimelineScene } from "./messages.ts";
import { picture } from "./picture.ts";
import { csvOf, dataTable } from "./readout.ts";
import type { Chart } from "./series.ts";

/** The amplitudes of one channel as a chart over frequency. */
export function spectrumChart({ channel, frequency, amplitude }: Harmonics): Chart {
  const edges = Float64Array.from([...frequency, frequency[frequency.length - 1]!]);
  const high = Float64Array.from(amplitude);
  const layer = { size: 1, edges, rows: [{ low: high.map(() => 0), mean: high, high, broken: () => false }] };
  return { names: [channel], scales: ["linear"], knees: [1], fine: layer, whole: layer, times: edges.map(() => NaN), events: [] };
}

export interface Enquiries {
  panel: HTMLElement;
  table: HTMLElement;
  setTheme(theme: Theme): void;
  /** The window has moved or grown. */
  refresh(chart: Chart, first: number, last: number): void;
  /** Show the frequencies of a channel in a window, or close them. */
  harmonics(channel: string, first: number, last: number): Promise<void>;
  /** Every sample from Python, or else the buckets that are here. */
  save(chart: Chart, first: number, last: number): Promise<void>;
}

/** What is asked of Python about a window, and what the browser can say of it alone. */
export function makeEnquiries({ scene, shell, lifetime, ask }: Host<TimelineScene>): Enquiries {
  const canvas = h("canvas", { class: "stnb-spectrum", role: "img" });
  const words = h("p");
  const panel = h("div", { hidden: true }, canvas, words);
  const table = h("div", { class: "stnb-rows", hidden: true, tabindex: 0, role: "region", "aria-label": "table" });
  const sight = { first: 0, last: 1, run: [0, 1] as [number, number] };
  const look = { active: "", overlay: false, cross: null, moment: null, brush: null };
  const spectrum = picture(canvas, { ...scene, groups: {} }, sight, look, false, () => {}, lifetime);
  spectrum.setVisible(true);
  return {
    panel,
    table,
    setTheme: spectrum.setTheme,
    refresh(chart, first, last) {
      if (!table.hidden) table.replaceChildren(dataTable(chart, first, last));
    },
    async harmonics(channel, first, last) {
      panel.hidden = !panel.hidden;
      if (panel.hidden) return;
      canvas.hidden = true;
      setText(words, "Asking …");
      try {
        const answer = (await ask("harmonics", { channel, first, last })) as Harmonics;
        const [frequency, amplitude] = answer.peak;
        const peak = `${withUnit(amplitude, scene.channels[channel])} at ${short(frequency, 4)} per step, every ${short(1 / frequency, 4)} steps`;
        setText(words, `${channel}: strongest ${peak}. ${answer.note}.`);
        canvas.hidden = false;
        canvas.ariaLabel = words.textContent;
        sight.last = answer.frequency[answer.frequency.length - 1]!;
        spectrum.show(spectrumChart(answer));
      } catch (reason) {
        setText(words, `No frequencies: ${(reason as Error).message}.`);
      }
    },
    async save(chart, first, last) {
      const here = (reason: Error): Pick<Table, "text" | "note"> => ({ text: csvOf(chart, first, last), note: `buckets only, ${reason.message}` });
      const { text, note } = await ask("table", { channels: chart.names, first, last }).then((answer) => answer as Table, here);
      const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      const link = h("a", { href, download: `${scene.title || "timeline"}.csv` });
      shell.root.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(href), 10_000);
      shell.say(`Saved: ${note}`);
    },
  };
}
