/** Messages of one author that are at most this far apart form a group. */
const GROUP_MS = 5 * 60_000;

interface Written {
  author: string;
  date_created: string;
}

/** The place of a message in its group: the name stands at the first one, the time at the last one. */
export interface Place {
  isFirst: boolean;
  isLast: boolean;
}

/**
 * Finds the groups of messages that are in the order of a conversation.
 *
 * @param joins whether two messages that follow each other may be in one group
 */
export function grouped<T extends Written>(messages: T[], joins: (one: T, next: T) => boolean = () => true): Place[] {
  const belongs = (one: T | undefined, next: T | undefined): boolean =>
    !!one && !!next && one.author === next.author && joins(one, next)
    && Date.parse(next.date_created) - Date.parse(one.date_created) <= GROUP_MS
    && new Date(one.date_created).toDateString() === new Date(next.date_created).toDateString();
  return messages.map((message, at) => ({
    isFirst: !belongs(messages[at - 1], message),
    isLast: !belongs(message, messages[at + 1]),
  }));
}
