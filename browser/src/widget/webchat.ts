import { Chat } from './chat';
import type { Options, RawOptions } from './options';
import { BODY_BYTES, bytes, sendable } from './sendable';
import type { State } from './state';
import type { WithFiles } from './files-loader';
import { Launcher, type WithWindow } from './launcher';

/** How long the page, which is hidden, may wait for the end of the chat before a quick exit leaves it. */
const EXIT_MS = 200;

export interface Events {
  unread: number;
  state: State['is'];
  interrupted: { code: number; reference: string };
}

/** The options that a page can change at any time. */
export type Changes = Pick<RawOptions, 'context' | 'theme' | 'texts'>;

/** The methods that a page can call. */
export interface Webchat {
  open(): void;
  close(): void;
  /** False when the server could not be reached; then the chat goes on. */
  end(): Promise<boolean>;
  /** Removes the chat from this browser, and shows the form again. */
  reset(): Promise<void>;
  /** Sends a message as if the guest had written it. False if there is no chat in which the guest can write. */
  send(text: string): boolean;
  /** Changes some options. All others stay as they are. */
  update(changes: Changes): void;
  /** Removes the chat from this browser, and leaves the page for the address of the option `exit`, at once. */
  exit(): void;
  /** Removes the chat from the page for good; its session stays in this browser. */
  destroy(): void;
  /** Returns a function that removes the listener. */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void;
}

/** The same, with what the script uses that puts the chat on the page. */
export interface Placed extends Omit<Webchat, 'update'> {
  update(options: Options): void;
  host: HTMLElement;
  /** Whether the guest waits for the window. */
  isAwaited(): boolean;
  placed(): void;
  wake(isFresh: boolean): void;
  offline(): void;
  /** A quick exit may follow. */
  prepareEnd(): void;
}

/** Makes the chat and its view, and reports events to the page. */
export function webchatOf(deps: WithFiles & WithWindow, options: Options): Placed {
  const { on, emit } = listenersOfPage();
  let reported: { unread: number; state: State['is'] } = { unread: 0, state: 'idle' };
  let removals = 0;
  const chat = new Chat(deps, () => {
    if (chat.removals !== removals) deps.memory.erase(); // also while the window is not loaded
    removals = chat.removals;
    launcher.show();
    const before = reported;
    const { state } = chat;
    reported = { unread: chat.conversation?.unread() ?? 0, state: state.is };
    if (reported.unread !== before.unread) emit('unread', reported.unread);
    if (reported.state !== before.state) emit('state', reported.state);
    if (state.is === 'interrupted' && before.state !== 'interrupted') {
      emit('interrupted', { code: state.code, reference: state.reference });
    }
  });
  // The window takes over the unsent text of an interrupted chat, before the chat removes what is left of it.
  let waitsForWindow = Boolean(deps.memory.read().guest && !deps.storage.session());
  const launcher = new Launcher(chat, options, deps, () => {
    if (waitsForWindow) void chat.load();
    waitsForWindow = false;
  });
  launcher.show();
  launcher.restore();
  if (waitsForWindow) void launcher.load();
  else void chat.load();
  return {
    host: launcher.host,
    isAwaited: () => launcher.isAwaited,
    placed: () => launcher.placed(),
    wake(isFresh) {
      chat.wake(isFresh);
      launcher.wake();
    },
    offline: () => chat.offline(),
    destroy() {
      chat.stop();
      launcher.destroy();
    },
    open: () => launcher.toggle(true),
    close: () => launcher.toggle(false),
    send(text) {
      checkMessage(text);
      if (!chat.canWrite() || !chat.sid) return false;
      void chat.send(sendable(text));
      return true;
    },
    update: (changed) => launcher.update(changed),
    end: () => chat.end(),
    reset: () => chat.startAgain(),
    prepareEnd: () => chat.prepareEnd(true),
    exit() {
      document.documentElement.style.cssText = 'display:none!important';
      const leave = () => location.replace(options.exit ?? 'about:blank'); // Back does not lead here
      void Promise.race([deps.wait(EXIT_MS), chat.exit()]).then(leave, leave);
      deps.memory.erase();
    },
    on,
  };
}

function listenersOfPage(): Pick<Webchat, 'on'> & { emit: <E extends keyof Events>(event: E, value: Events[E]) => void } {
  const listeners: { [E in keyof Events]: Set<(value: Events[E]) => void> } = {
    unread: new Set(),
    state: new Set(),
    interrupted: new Set(),
  };
  return {
    on(event, listener) {
      if (!listeners[event]) throw new Error(`Parlour: there is no event ${event}; there are ${Object.keys(listeners).join(', ')}`);
      listeners[event].add(listener);
      return () => listeners[event].delete(listener);
    },
    emit(event, value) {
      for (const listener of listeners[event]) {
        try {
          listener(value);
        } catch (failure) {
          console.error(failure); // the page's own
        }
      }
    },
  };
}

/** Throws an error that says what is wrong with a message of the page. */
function checkMessage(text: unknown): void {
  if (typeof text !== 'string' || !sendable(text)) throw new Error('Parlour: the message of send() must be a text that is not empty');
  if (bytes(text) > BODY_BYTES) throw new Error(`Parlour: the message of send() must have at most ${BODY_BYTES} bytes in UTF-8`);
}
