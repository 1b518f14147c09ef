import type { Ack, Answer, Ask, Frame, Intent, ViewReport } from "./protocol.ts";
import { readMessage, readPacked } from "./protocol.ts";
import type { Lifetime, Model } from "./model.ts";

/** After this silence the stream is over for now: a newer keyframe may be shown, and the last ack is repeated. */
export const QUIET_MS = 600;

/** After this silence a question is given up; a kernel that runs a cell answers later, or never. */
export const PATIENCE_MS = 8000;

let views = 0;

interface Question {
  settle(answer: Answer): void;
}

/**
 * The browser's end of a FrameLink: gives the newest frame to `show`, acknowledges it once it was drawn,
 * and tells Python whether anybody can see this view.
 */
export class FrameFeed {
  readonly #view = `${Date.now().toString(36)}-${(views++).toString(36)}`;
  #latest: Frame | null = null;
  #acked = 0;
  #visible: boolean | null = null;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  readonly #questions = new Map<string, Question>();
  #asked = 0;

  readonly #model: Model;
  readonly #show: (frame: Frame) => void;

  constructor(model: Model, show: (frame: Frame) => void, lifetime: Lifetime) {
    [this.#model, this.#show] = [model, show];
    const onMessage = (content: unknown, buffers: ArrayBufferView[]): void => {
      const frame = readMessage(content, buffers);
      if (frame) this.#receive(frame);
      const answer = content as Answer | null;
      if (answer?.type === "answer") this.#questions.get(answer.id)?.settle(answer);
    };
    const onKeyframe = (): void => {
      if (this.#quiet === undefined) this.#adopt();
    };
    lifetime.subscribe(model, "msg:custom", onMessage);
    lifetime.subscribe(model, "change:keyframe", onKeyframe);
    lifetime.add(() => {
      clearTimeout(this.#quiet);
      for (const [id, question] of this.#questions) {
        question.settle({ type: "answer", id, value: null, error: "the view was closed" });
      }
      this.#report(false, true);
    });
    this.#adopt();
  }

  /** The shown frame has reached the screen. */
  drawn(): void {
    const seq = this.#latest?.header.seq ?? 0;
    if (seq > this.#acked) this.#acknowledge(seq);
  }

  setVisible(visible: boolean): void {
    if (visible !== this.#visible) this.#report(visible, false);
  }

  intent(name: string, value: unknown): void {
    this.#send({ type: "intent", name, value } satisfies Intent);
  }

  /** Ask Python; resolves with what it says, or rejects with its reason, or with silence after a while. */
  ask(name: string, value: unknown): Promise<unknown> {
    const id = `${this.#view}.${this.#asked++}`;
    return new Promise((resolve, reject) => {
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        this.#questions.delete(id);
        if (answer.error) reject(new Error(answer.error));
        else resolve(answer.value);
      };
      const silence = "no answer: the kernel is busy or gone";
      const timer = setTimeout(() => settle({ type: "answer", id, value: null, error: silence }), PATIENCE_MS);
      this.#questions.set(id, { settle });
      this.#send({ type: "ask", id, name, value } satisfies Ask);
    });
  }

  #receive(frame: Frame): void {
    this.#rest();
    if (this.#latest && frame.header.number <= this.#latest.header.number) {
      this.#acknowledge(Math.max(frame.header.seq, this.#acked));
      return;
    }
    this.#latest = frame;
    this.#show(frame);
    if (!this.#visible) this.drawn();
  }

  #rest(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#quiet = undefined;
      if (this.#acked) this.#acknowledge(this.#acked);
      this.#adopt();
    }, QUIET_MS);
  }

  #adopt(): void {
    const frame = readPacked(this.#model.get("keyframe") as ArrayBufferView | null);
    if (!frame) return;
    if (!this.#latest || frame.header.number > this.#latest.header.number) {
      this.#latest = frame;
      this.#show(frame);
      if (!this.#visible) this.drawn();
    } else if (frame.header.seq > this.#acked) this.#acknowledge(frame.header.seq);
  }

  #acknowledge(seq: number): void {
    this.#acked = seq;
    this.#send({ type: "ack", seq, view: this.#view } satisfies Ack);
  }

  #report(visible: boolean, gone: boolean): void {
    this.#visible = visible;
    this.#send({ type: "view", view: this.#view, visible, gone } satisfies ViewReport);
  }

  #send(message: Ack | ViewReport | Intent | Ask): void {
    try {
      this.#model.send?.(message);
    } catch {
      // A closed model or a static page: there is nobody to tell.
    }
  }
}

/** Reports whether `element` is on screen in a visible tab. */
export function watchVisibility(element: Element, report: (visible: boolean) => void, lifetime: Lifetime): void {
  let onScreen = false;
  const tell = (): void => report(onScreen && document.visibilityState === "visible");
  const observer = new IntersectionObserver((entries) => {
    onScreen = entries[entries.length - 1]?.isIntersecting ?? false;
    tell();
  });
  observer.observe(element);
  lifetime.add(() => observer.disconnect());
  lifetime.listen(document, "visibilitychange", tell);
}
