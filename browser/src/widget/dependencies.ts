import type { Protocol } from './protocol';
import type { ProofKeys } from './proof-keys';
import type { StoredSession, SessionStorage } from './storage';
import type { Stream } from './stream';
import type { TabMemory } from './memory';
import type { Tabs } from './tabs';
import type { Transcript } from './transcript';
import type { Frame } from './wire';

/** Everything outside the chat that it uses: server, storage, other tabs, clock. A test passes its own. */
export interface Dependencies {
  protocol: Pick<Protocol, keyof Protocol>;
  storage: SessionStorage;
  transcript: Transcript;
  keys: Pick<ProofKeys, keyof ProofKeys>;
  memory: TabMemory;
  /** Names the conversation whose unsent messages a tab has taken over; shared by all tabs. */
  claims: TabMemory;
  tabs: Pick<Tabs, 'withLock' | 'notify' | 'subscribe'>;
  stream: (session: StoredSession, after: number, onFrame: (frame: Frame) => void, onEnd: () => void) => Pick<Stream, 'token' | 'close'>;
  wait: (milliseconds: number) => Promise<void>;
  random: () => number;
  /** A random identifier that cannot be guessed. */
  newId: () => string;
  now: () => number;
  /** Sees the arrows of the drawings as they happen. Builds leave out the statements that are labelled `drawn`. */
  step?: (step: string) => void;
}
