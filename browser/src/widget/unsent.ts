import type { Dependencies } from './dependencies';

/** The texts that a guest had not sent when the chat was interrupted. */
export class Unsent {
  constructor(private readonly deps: Dependencies) {}

  /** The texts of this guest from before the page was loaded. */
  async left(): Promise<string[]> {
    const { storage, memory } = this.deps;
    const { conversation, guest, unsent = [], draft = '' } = memory.read();
    if (!guest || storage.session() || storage.read().identity !== guest) return [];
    return [...(await this.claimed(conversation, unsent)), draft];
  }

  /** Takes over the unsent messages of an interrupted chat, so that no two tabs offer them; none if another tab has them. */
  async claimed(conversation: string, unsent: string[]): Promise<string[]> {
    const { tabs, claims } = this.deps;
    if (!unsent.length) return unsent;
    return tabs.withLock('unsent', async () => {
      const isFirst = claims.read().conversation !== conversation;
      claims.write(conversation, {});
      return isFirst ? unsent : [];
    });
  }
}
