import { Protocol } from '../protocol';
import type { StoredSession } from '../storage';
import type { Outcome } from '../wire';

/** The server's answer: the key of the installation, which is missing where Web Push is off. */
export interface PushOffer {
  key?: string;
  subscribed: boolean;
}

/** A guest's calls about Web Push. Those that fail are for the guest, and no mistakes of the page. */
export class PushProtocol extends Protocol {
  find(session: StoredSession): Promise<Outcome<PushOffer>> {
    return this.exchange('Push', session, isOffer);
  }

  put(session: StoredSession, subscription: object): Promise<Outcome<PushOffer>> {
    return this.exchange('Push', session, isOffer, subscription);
  }

  cancel(session: StoredSession): Promise<Outcome<PushOffer>> {
    return this.exchange('Push/End', session, isOffer, {});
  }

  protected override warnDeveloper(): void {}
}

function isOffer(value: unknown): value is PushOffer {
  return typeof (value as Partial<PushOffer> | null)?.subscribed === 'boolean';
}
