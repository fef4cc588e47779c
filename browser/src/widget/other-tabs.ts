import type { Conversation } from './conversation';
import type { Current } from './current';
import type { Dependencies } from './dependencies';
import type { Outbox } from './outbox';
import type { Session } from './session';
import type { Begun } from './starter';
import { IDLE } from './state';
import type { TabEvent } from './tabs';

/** Another tab's event that says why a session ended can arrive this much later than the session is removed. */
const EVENT_MS = 1_000;

/** Follows what the other tabs of this browser do with the chat. */
export class OtherTabs {
  constructor(
    private readonly deps: Dependencies,
    private readonly current: Current,
    private readonly session: Session,
    private readonly outbox: Outbox,
    private readonly join: (begun: Begun) => Promise<void>,
  ) {
    deps.storage.watch(() => void this.#storageChanged());
    deps.tabs.subscribe((event) => void this.#onEvent(event));
  }

  /** Reads the storage if it was changed while this page slept. */
  wake(): void {
    const c = this.current.conversation;
    if (c && this.deps.storage.session()?.conversationSid !== c.sid) void this.#storageChanged();
  }

  async #storageChanged(): Promise<void> {
    const { current } = this;
    const { state, conversation: c } = current;
    const session = this.deps.storage.session();
    if (!session) {
      if (c) await this.#sessionIsGone(c);
    } else if (session.conversationSid === c?.sid) {
      if (current.goesOn(c)) this.current.link.token(this.session.newest(c).token);
    } else if (!(state.is === 'idle' && state.start === 'starting') && (await this.session.isOurs(session))) {
      if (current.conversation === c) await this.join({ session, question: '' }); // another tab has started a new chat
    }
  }

  /** The tab that removed the session says why, at once or never: a page may remove it itself, when somebody signs out. */
  async #sessionIsGone(c: Conversation): Promise<void> {
    const { current, deps } = this;
    await deps.wait(EVENT_MS);
    const isKept = deps.storage.session() || (current.state.is === 'interrupted' && deps.storage.read().identity !== undefined);
    const keepsDraft = deps.storage.read().identity === c.identity;
    if (current.conversation === c && !isKept) await this.current.remove(c, keepsDraft ? { ...IDLE, keepsDraft } : IDLE);
  }

  /**
   * Another tab's token was refused. If that tab had no proof, because it has lost the key or runs an older widget, this tab goes on
   * with the key that it knows.
   */
  async #interrupted(c: Conversation, event: TabEvent & { is: 'interrupted' }): Promise<unknown> {
    const { keys, storage } = this.deps;
    if (event.isKeyLost !== false && this.current.goesOn(c) && (await keys.restore(c.sid, false))) return storage.write(c.session);
    this.current.interrupt(c, { ...event, isKeyLost: !!event.isKeyLost }, true);
  }

  async #onEvent(event: TabEvent): Promise<unknown> {
    const c = this.current.conversation;
    if (!c || event.conversation !== c.sid) return;
    switch (event.is) {
      case 'outbox':
        await this.outbox.read(c);
        this.current.changed();
        return this.outbox.drain(c);
      case 'ended':
        return this.current.close(c, event.revision ?? Infinity, true);
      case 'erased':
        return event.byServer ? this.current.erase(c, true) : this.current.remove(c);
      case 'interrupted':
        return this.#interrupted(c, event);
      case 'rung':
        return; // for the window
    }
  }
}
