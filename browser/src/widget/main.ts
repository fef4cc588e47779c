import { Chat, type News, type World } from './chat';
import type { Options } from './options';
import { Protocol } from './protocol';
import { SessionStorage, TranscriptInDatabase } from './storage';
import { Stream } from './stream';
import { View } from './view';

type Events = { unread: number; state: string; interrupted: { code: number; reference: string } };

/** What a page may do with the chat that it has. */
export interface Webchat {
  open(): void;
  close(): void;
  end(): Promise<void>;
  /** Forgets the chat and shows the form again. */
  reset(): Promise<void>;
  /** Returns the way to stop it. */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void;
}

const script = document.currentScript as HTMLScriptElement | null;
let webchat: Webchat | undefined;

/** Puts the chat on the page, once; called again it returns the one that is there. */
function initWebchat(given: Options | string): Webchat {
  if (webchat) return webchat;
  const options: Options = typeof given === 'string' ? { deploymentKey: given } : given;
  if (!/^CV[0-9a-f]{32}$/.test(options?.deploymentKey ?? '')) {
    throw new Error('Parlour: deploymentKey must be CV and 32 lower-case hex digits');
  }
  const server = options.server ?? (script?.src ? new URL(script.src).origin : location.origin);
  const listeners: { [E in keyof Events]: Set<(value: Events[E]) => void> } = {
    unread: new Set(),
    state: new Set(),
    interrupted: new Set(),
  };
  let told: { unread: number; state: string } = { unread: 0, state: 'idle' };
  const chat = new Chat(world(server, options), () => {
    view.show();
    const now = { unread: chat.unread(), state: chat.state.is };
    const before = told;
    told = now;
    if (now.unread !== before.unread) for (const one of listeners.unread) one(now.unread);
    if (now.state !== before.state) for (const one of listeners.state) one(now.state);
    if (chat.state.is === 'interrupted' && before.state !== 'interrupted') {
      for (const one of listeners.interrupted) one({ code: chat.state.code, reference: chat.state.reference });
    }
  });
  const view = new View(chat, options, { open: () => {} });
  const place = () => {
    document.body.append(view.host);
    view.show();
    if (options.open) view.toggle(true);
    void chat.load();
  };
  if (document.body) place();
  else addEventListener('DOMContentLoaded', place);
  webchat = {
    open: () => view.toggle(true),
    close: () => view.toggle(false),
    end: () => chat.end(),
    reset: () => chat.startAgain(),
    on(event, listener) {
      listeners[event].add(listener);
      return () => listeners[event].delete(listener);
    },
  };
  return webchat;
}

function world(server: string, { deploymentKey }: Options): World {
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(`parlour ${deploymentKey}`) : undefined;
  return {
    protocol: new Protocol(server, deploymentKey),
    storage: new SessionStorage(localStorageOrNone()),
    openTranscript: () => TranscriptInDatabase.open('parlour'),
    stream: (...call) => new Stream(...call),
    alone: (what, work) => navigator.locks ? navigator.locks.request(`parlour ${what}`, work) : work(),
    tell: (news) => channel?.postMessage(news),
    hear: (listener) => channel?.addEventListener('message', (event: MessageEvent<News>) => listener(event.data)),
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    random: Math.random,
    newId: () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('-'),
    now: Date.now,
  };
}

/** Some browsers throw at the mere mention. */
function localStorageOrNone(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

window.Parlour = { ...window.Parlour, initWebchat };
window.Twilio = { ...window.Twilio, initWebchat };
const key = script?.dataset['deploymentKey'];
if (key) initWebchat(key);
