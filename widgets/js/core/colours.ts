import { blank, categories, cyclic, sequential } from "../../stnb_widgets/static/colours.json";

export type RGB = [number, number, number];

/** sRGB in 0 ... 1 of OKLab (Ottosson 2020), clipped to the gamut. */
export function oklabToSrgb(l: number, a: number, b: number): RGB {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
  ];
  return linear.map((x) => {
    const light = Math.min(1, Math.max(0, x));
    return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  }) as RGB;
}

/** The sequential map as `entries` bytes of red, green, blue, 255; `dim` darkens it for a light ground. */
export function colourTable(entries = 256, dim = 0): Uint8Array {
  const stops = sequential;
  const table = new Uint8Array(entries * 4);
  for (let i = 0; i < entries; i++) {
    const at = (i / (entries - 1)) * (stops.length - 1);
    const from = Math.min(Math.floor(at), stops.length - 2);
    const [low, high] = [stops[from]!, stops[from + 1]!];
    const [l, a, b] = low.map((x, axis) => x + (high[axis]! - x) * (at - from)) as RGB;
    const rgb = oklabToSrgb(l - dim, a, b).map((x) => Math.round(255 * x));
    table.set([...rgb, 255], 4 * i);
  }
  return table;
}

/** A colour for the i-th of several things, to be told apart by everybody; they come round again after eight. */
export function categoryColour(i: number, dark: boolean): string {
  const colours = dark ? categories.dark : categories.light;
  return colours[i % colours.length]!;
}

/** The cyclic map as `entries` bytes of red, green, blue, 255: a circle of hues of one lightness, for phases. */
export function cyclicTable(entries = 256): Uint8Array {
  const { lightness, chroma } = cyclic;
  const table = new Uint8Array(entries * 4);
  for (let i = 0; i < entries; i++) {
    const angle = (2 * Math.PI * i) / entries;
    const rgb = oklabToSrgb(lightness, chroma * Math.cos(angle), chroma * Math.sin(angle));
    table.set([...rgb.map((x) => Math.round(255 * x)), 255], 4 * i);
  }
  return table;
}

export function blankColour(): RGB {
  return [1, 3, 5].map((at) => parseInt(blank.slice(at, at + 2), 16) / 255) as RGB;
}

/** A CSS gradient through the table. */
export function cssGradient(table: Uint8Array): string {
  const entries = table.length / 4;
  const stops: string[] = [];
  for (let i = 0; i <= 12; i++) {
    const at = 4 * Math.round((i / 12) * (entries - 1));
    stops.push(`rgb(${table[at]},${table[at + 1]},${table[at + 2]})`);
  }
  return `linear-gradient(to right,${stops.join(",")})`;
}
