import type { Model } from "../core/model.ts";

type Callback = (...args: never[]) => void;

/** A widget's model without a kernel: a plain object whose messages are heard by the page. */
export class PageModel implements Model {
  readonly #traits: Record<string, unknown>;
  readonly #hear: (message: unknown) => void;
  readonly #callbacks = new Map<string, Set<Callback>>();

  constructor(traits: Record<string, unknown>, hear: (message: unknown) => void) {
    this.#traits = { ...traits };
    this.#hear = hear;
  }

  get(name: string): unknown {
    return this.#traits[name] ?? null;
  }

  set(name: string, value: unknown): void {
    this.#traits[name] = value;
    this.tell(`change:${name}`);
  }

  on(name: string, callback: Callback): void {
    const known = this.#callbacks.get(name) ?? new Set();
    this.#callbacks.set(name, known.add(callback));
  }

  off(name: string, callback?: Callback): void {
    if (callback) this.#callbacks.get(name)?.delete(callback);
    else this.#callbacks.delete(name);
  }

  tell(name: string, ...args: unknown[]): void {
    for (const callback of [...(this.#callbacks.get(name) ?? [])]) callback(...(args as never[]));
  }

  send(message: unknown): void {
    this.#hear(message);
  }
}
