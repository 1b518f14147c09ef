/** The only global of the page: what widgets share, removed with its last user. */
const KEY = Symbol.for("stnb");

type Registry = Record<string, unknown>;

const page = globalThis as unknown as Record<symbol, Registry | undefined>;

export function registry(): Registry {
  return (page[KEY] ??= {});
}

export function tidyRegistry(): void {
  if (page[KEY] && Object.keys(page[KEY]).length === 0) delete page[KEY];
}
