import type { World } from './world';
import { optionsOf, type Given } from './options';
import { Protocol } from './protocol';
import { SessionStorage } from './storage';
import { TabMemory } from './memory';
import { Stream } from './stream';
import { Tabs } from './tabs';
import { Transcript } from './transcript';
import { webchatOf, type Webchat } from './webchat';

const script = document.currentScript as HTMLScriptElement | null;
let webchat: Webchat | undefined;

/** Puts the chat on the page, once; called again it returns the one that is there. */
function initWebchat(given: Given | string): Webchat {
  if (webchat) return webchat;
  const options = optionsOf(given, (warning) => console.warn(warning));
  const server = options.server ?? (script?.src ? new URL(script.src).origin : location.origin);
  const made = webchatOf(world(server, options.deploymentKey), options);
  const place = () => document.body.append(made.host);
  if (document.body) place();
  else addEventListener('DOMContentLoaded', place);
  addEventListener('online', () => made.wake(true));
  addEventListener('offline', () => made.offline());
  addEventListener('pageshow', () => made.wake(false));
  document.addEventListener('visibilitychange', () => made.wake(false));
  webchat = made;
  return webchat;
}

function world(server: string, deploymentKey: string): World {
  const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const name = `parlour ${deploymentKey}`;
  return {
    protocol: new Protocol(server, deploymentKey),
    storage: new SessionStorage(orNone(() => localStorage)),
    transcript: new Transcript('parlour', wait),
    memory: new TabMemory(name, orNone(() => sessionStorage)),
    tabs: new Tabs(name, orNone(() => navigator.locks), orNone(() => new BroadcastChannel(name))),
    stream: (...call) => new Stream(server, deploymentKey, ...call),
    wait,
    random: Math.random,
    newId: () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    now: Date.now,
  };
}

/** Some browsers throw at the mere mention of what a page may not use. */
function orNone<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}

window.Parlour = { ...window.Parlour, initWebchat };
window.Twilio = { ...window.Twilio, initWebchat };
const key = script?.dataset['deploymentKey'];
if (key) initWebchat(key);
