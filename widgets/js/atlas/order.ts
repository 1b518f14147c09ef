const ROOM = 2 ** 21;
let known = new Uint32Array();

/** The order in which Python thins a frame: every prefix is a fair sample. Sorted by a mixed key, as `fair_order` there. */
export function fairOrder(total: number): Uint32Array {
  if (known.length === total) return known;
  const keys = new Float64Array(total);
  for (let i = 0; i < total; i++) {
    let key = i;
    for (let round = 0; round < 2; round++) key = Math.imul(key ^ (key >>> 16), 0x45d9f3b);
    keys[i] = ((key ^ (key >>> 16)) >>> 0) * ROOM + i;
  }
  return (known = Uint32Array.from(keys.sort(), (key) => key % ROOM));
}
