import type { Conversation } from './conversation';

/** Where a chat stands. What is not true of a state can not be said in it. */
export type State =
  /** erased: the conversation was erased on the server, and so the copy in this browser was, too. */
  | { is: 'idle'; starting: boolean; problem?: Problem; erased?: true }
  | { is: 'resuming'; of: Conversation }
  | { is: 'live'; of: Conversation }
  /** `polls`: no socket works, but messages can be sent and polled. */
  | { is: 'reconnecting'; of: Conversation; problem?: Problem; polls?: true }
  | { is: 'interrupted'; of: Conversation; code: number; reference: string }
  | { is: 'ended'; of: Conversation };

/** Something that the page's owner, and not the guest, can put right; code 0: try again. */
export interface Problem {
  code: number;
  message: string;
}
