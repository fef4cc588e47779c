import type { Dependencies } from './dependencies';
import { TabMemory } from './memory';
import { newRandom } from './proof';
import { ProofKeys } from './proof-keys';
import { Protocol } from './protocol';
import { SessionStorage } from './storage';
import { Stream } from './stream';
import { Tabs } from './tabs';
import { Transcript } from './transcript';

/**
 * The server, and everything of the browser that a chat uses.
 *
 * @param signal ends what listens to the browser
 */
export function fromBrowser(server: string, deploymentKey: string, signal: AbortSignal): Dependencies {
  const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const name = `parlour ${deploymentKey}`;
  const channel = orNone(() => new BroadcastChannel(name));
  signal.addEventListener('abort', () => channel?.close());
  const keys = new ProofKeys('parlour-keys', wait, Date.now);
  return {
    protocol: new Protocol(server, deploymentKey, keys),
    storage: new SessionStorage(orNone(() => localStorage), signal),
    transcript: new Transcript('parlour', wait),
    keys,
    memory: new TabMemory(name, orNone(() => sessionStorage)),
    claims: new TabMemory(name, orNone(() => localStorage)),
    tabs: new Tabs(name, orNone(() => navigator.locks), channel),
    stream: (...call) => new Stream(server, deploymentKey, keys, ...call),
    wait,
    random: Math.random,
    newId: newRandom,
    now: Date.now,
  };
}

/** Some browsers throw when a page only reads the property of an API that it may not use. */
function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
