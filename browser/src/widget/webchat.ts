import { Chat } from './chat';
import type { Options } from './options';
import type { State } from './state';
import { View } from './view';
import type { World } from './world';

export interface Events {
  unread: number;
  state: State['is'];
  interrupted: { code: number; reference: string };
}

/** What a page may do with the chat that it has. */
export interface Webchat {
  open(): void;
  close(): void;
  /** False when the server could not be told; then the chat goes on. */
  end(): Promise<boolean>;
  /** Forgets the chat in this browser, and shows the form again. */
  reset(): Promise<void>;
  /** Removes the chat from the page for good; its session stays in this browser. */
  destroy(): void;
  /** Returns the way to stop it. */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void;
}

/** The API for the developer of the page. */
interface Placed extends Webchat {
  host: HTMLElement;
  placed(): void;
  wake(isFresh: boolean): void;
  offline(): void;
}

/** A chat, what is seen of it, and what the page is told of it. */
export function webchatOf(world: World, options: Options): Placed {
  const listeners: { [E in keyof Events]: Set<(value: Events[E]) => void> } = {
    unread: new Set(),
    state: new Set(),
    interrupted: new Set(),
  };
  const tell = <E extends keyof Events>(event: E, value: Events[E]) => {
    for (const listener of listeners[event]) {
      try {
        listener(value);
      } catch (failure) {
        console.error(failure); // the page's, and no reason to stop
      }
    }
  };
  let told: { unread: number; state: State['is'] } = { unread: 0, state: 'idle' };
  const chat = new Chat(world, () => {
    view.show();
    const before = told;
    const { state } = chat;
    told = { unread: chat.unread(), state: state.is };
    if (told.unread !== before.unread) tell('unread', told.unread);
    if (told.state !== before.state) tell('state', told.state);
    if (state.is === 'interrupted' && before.state !== 'interrupted') {
      tell('interrupted', { code: state.code, reference: state.reference });
    }
  });
  const view = new View(chat, options, world.memory, world.now);
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
