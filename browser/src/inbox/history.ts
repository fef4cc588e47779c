import { nameOf, type Child } from '../dom/element';
import { around, texts } from './language';

/** A change in the history of a conversation: who works on it, who joined, who closed it, its labels. */
export interface TeamEvent {
  /** The revision of the conversation that made it: its place among the messages. */
  revision: number;
  kind: 'assigned' | 'joined' | 'left' | 'closed' | 'reopened' | 'labelled' | 'unlabelled';
  /** The identity of the agent or the guest who made it; null if the account's own server did. */
  by: string | null;
  /** The identity of the agent who works on it after `assigned`, or who joined or left; null for none. */
  about: string | null;
  /** The label that was given or removed. */
  label?: string | null;
  date_created: string;
}

/**
 * The words of a line of the log about a change.
 *
 * @param name the name of an identity
 */
export function inWords({ kind, by, about, label }: TeamEvent, name: (identity: string) => string): Child[] {
  const who = nameOf(by ? name(by) : texts.anAgent);
  const other = about ? nameOf(name(about)) : '';
  switch (kind) {
    case 'assigned':
      if (!about) return around(texts.eventReleased, { name: who });
      return by === about ? around(texts.eventClaimed, { name: who }) : around(texts.eventAssigned, { name: who, agent: other });
    case 'joined':
      return around(texts.eventJoined, { name: other });
    case 'left':
      return around(texts.eventLeft, { name: other });
    case 'closed':
      return by ? around(texts.eventClosed, { name: who }) : [texts.wasClosed];
    case 'reopened':
      return by ? around(texts.eventReopened, { name: who }) : [texts.wasReopened];
    case 'labelled':
      return around(texts.eventLabelled, { name: who, label: nameOf(label ?? '') });
    case 'unlabelled':
      return around(texts.eventUnlabelled, { name: who, label: nameOf(label ?? '') });
  }
}
