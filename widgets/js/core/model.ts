/** The little that a widget needs of its host: anywidget's model, or a plain object in a static page. */
export interface Model {
  get(name: string): unknown;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback?: (...args: never[]) => void): void;
  send?(content: unknown): void;
}

export interface RenderContext {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}

/** Calls every registered function once, in reverse order, when the view ends. */
export class Lifetime {
  #endings: (() => void)[] = [];
  #over = false;

  constructor(signal?: AbortSignal) {
    signal?.addEventListener("abort", () => this.end(), { once: true });
  }

  get ended(): boolean {
    return this.#over;
  }

  add(ending: () => void): void {
    if (this.#over) ending();
    else this.#endings.push(ending);
  }

  listen(
    target: EventTarget,
    name: string,
    callback: (event: never) => void,
    options?: AddEventListenerOptions,
  ): void {
    target.addEventListener(name, callback as EventListener, options);
    this.add(() => target.removeEventListener(name, callback as EventListener, options));
  }

  subscribe(model: Model, name: string, callback: (...args: never[]) => void): void {
    model.on(name, callback);
    this.add(() => model.off(name, callback));
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const ending of this.#endings.reverse()) ending();
    this.#endings = [];
  }
}
