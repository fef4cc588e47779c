import { Chat } from './chat';
import type { Options } from './options';
import type { State } from './state';
import { View } from './view';
import type { Dependencies } from './dependencies';

export interface Events {
  unread: number;
  state: State['is'];
  interrupted: { code: number; reference: string };
}

/** The methods that a page can call. */
export interface Webchat {
  open(): void;
  close(): void;
  /** False when the server could not be reached; then the chat goes on. */
  end(): Promise<boolean>;
  /** Removes the chat from this browser, and shows the form again. */
  reset(): Promise<void>;
  /** Removes the chat from the page for good; its session stays in this browser. */
  destroy(): void;
  /** Returns a function that removes the listener. */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void;
}

/** The API for the developer of the page. */
interface Placed extends Webchat {
  host: HTMLElement;
  placed(): void;
  wake(isFresh: boolean): void;
  offline(): void;
}

/** Makes the chat and its view, and reports events to the page. */
export function webchatOf(deps: Dependencies, options: Options): Placed {
  const listeners: { [E in keyof Events]: Set<(value: Events[E]) => void> } = {
    unread: new Set(),
    state: new Set(),
    interrupted: new Set(),
  };
  const emit = <E extends keyof Events>(event: E, value: Events[E]) => {
    for (const listener of listeners[event]) {
      try {
        listener(value);
      } catch (failure) {
        console.error(failure); // the page's own
      }
    }
  };
  let reported: { unread: number; state: State['is'] } = { unread: 0, state: 'idle' };
  const chat = new Chat(deps, () => {
    view.show();
    const before = reported;
    const { state } = chat;
    reported = { unread: chat.conversation?.unread() ?? 0, state: state.is };
    if (reported.unread !== before.unread) emit('unread', reported.unread);
    if (reported.state !== before.state) emit('state', reported.state);
    if (state.is === 'interrupted' && before.state !== 'interrupted') {
      emit('interrupted', { code: state.code, reference: state.reference });
    }
  });
  const view = new View(chat, options, deps.memory, deps.now);
  view.show();
  view.restore();
  void chat.load();
  return {
    host: view.host,
    placed: () => view.placed(),
    wake: (isFresh) => chat.wake(isFresh),
    offline: () => chat.offline(),
    destroy() {
      chat.stop();
      view.destroy();
    },
    open: () => view.toggle(true),
    close: () => view.toggle(false),
    end: () => chat.end(),
    reset: () => chat.startAgain(),
    on(event, listener) {
      if (!listeners[event]) throw new Error(`Parlour: there is no event ${event}; there are ${Object.keys(listeners).join(', ')}`);
      listeners[event].add(listener);
      return () => listeners[event].delete(listener);
    },
  };
}
