/** Calls `act` with the newest value at most once per `gap` milliseconds; the last value is never dropped. */
export class Throttle<T> {
  #pending: { value: T } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly gap: number,
    private readonly act: (value: T) => void,
  ) {}

  push(value: T): void {
    if (this.#timer !== undefined) {
      this.#pending = { value };
      return;
    }
    this.act(value);
    this.#timer = setTimeout(() => this.#release(), this.gap);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending = null;
  }

  #release(): void {
    this.#timer = undefined;
    const next = this.#pending;
    this.#pending = null;
    if (next) this.push(next.value);
  }
}
