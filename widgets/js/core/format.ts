/** A number in few characters: 1,250 0.0125 3.1e-7, with a true minus sign. */
export function short(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  let text: string;
  if (size >= 1e6 || size < 1e-3) {
    text = value.toExponential(Math.max(0, digits - 1)).replace(/\.?0+e/, "e").replace("e+", "e");
  } else if (size >= 1000) {
    text = Math.round(value).toLocaleString("en-US");
  } else {
    text = String(Number(value.toPrecision(digits)));
  }
  return text.replace(/^-/, "−").replace("e-", "e−");
}

/** A whole number with thousands separators. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** About `wanted` round numbers inside [low, high]. */
export function ticks(low: number, high: number, wanted = 4): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const result: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    result.push(Number((i * step).toPrecision(12)));
  }
  return result;
}

/** Share of the track (0 ... 1) of a value, and back; by ratios when `log`. */
export interface Track {
  low: number;
  high: number;
  log: boolean;
}

export function toShare(track: Track, value: number): number {
  const share = track.log
    ? Math.log(value / track.low) / Math.log(track.high / track.low)
    : (value - track.low) / (track.high - track.low);
  return Math.min(1, Math.max(0, share));
}

export function fromShare(track: Track, share: number): number {
  if (share <= 0) return track.low;
  if (share >= 1) return track.high;
  const value = track.log
    ? track.low * (track.high / track.low) ** share
    : track.low + share * (track.high - track.low);
  return Number(value.toPrecision(3));
}

/** The number that a person typed, or null; accepts a comma and the true minus sign. */
export function parseNumber(text: string): number | null {
  const tidy = text.trim().replace("−", "-").replace(/,(?=\d{3}\b)/g, "").replace(",", ".");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(tidy)) return null;
  const value = Number(tidy);
  return Number.isFinite(value) ? value : null;
}
