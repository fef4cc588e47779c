import type { Conversation } from './conversation';
import type { Interruption } from './wire';

/** The state of a chat, as the view shows it. */
export type State = Idle | InConversation;

/** There is no conversation. `unavailable`: a start failed, and the guest can try again. `erased`: by the server. */
export interface Idle {
  is: 'idle';
  start: 'ready' | 'starting' | 'unavailable' | 'erased' | Problem;
  /** The same guest has left the chat in another tab, so what they were writing in this one stays. */
  keepsDraft?: boolean;
}

export type InConversation =
  | { is: 'resuming'; of: Conversation }
  | { is: 'live'; of: Conversation }
  | { is: 'reconnecting'; of: Conversation; why: Outage }
  | ({ is: 'interrupted'; of: Conversation } & Interruption)
  | { is: 'ended'; of: Conversation };

/** `polling`: no socket works, but messages can be sent and polled. */
export type Outage = 'lost' | 'polling' | Problem;

/** A mistake that the page's owner can correct, and the guest cannot. */
export interface Problem {
  code: number;
  message: string;
}

export const IDLE: Idle = { is: 'idle', start: 'ready' };
