import type { Conversation } from '../conversation';
import type { Current } from '../current';
import type { Dependencies } from '../dependencies';
import type { Session } from '../session';
import type { Outgoing } from '../transcript';
import type { Texts } from '../window-texts';

/** The parts of the window that the code for files uses. */
export interface FilesView {
  root: ShadowRoot;
  /** The page's, also those that only this code knows. */
  texts: Texts;
  /** For numbers. */
  locale: string;
}

/** The parts of the chat that files need. */
export interface FileParts {
  deps: Dependencies;
  current: Current;
  session: Session;
  /** Stores a message, and sends it when its turn comes. */
  put: (c: Conversation, outgoing: Outgoing) => Promise<void>;
}
