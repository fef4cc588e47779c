import type { Attached, Links } from '../../dom/files';
import { plain } from '../../dom/plain';
import type { SignedCall } from '../proof';
import { Protocol } from '../protocol';
import type { StoredSession } from '../storage';
import type { OutgoingFile } from '../transcript';
import type { Outcome } from '../wire';

/** The server's description of a file that it has. */
export interface Stored extends Pick<Attached, 'sid'> {
  links: Links;
}

/** The part of a name that the server keeps: its end, with the extension. */
const NAME_CHARACTERS = 120;

/** A guest's calls about files. Those that fail are for the guest, and no mistakes of the page. */
export class FileProtocol extends Protocol {
  upload(session: StoredSession, { id, filename }: OutgoingFile, bytes: ArrayBuffer): Promise<Outcome<Stored>> {
    const query = new URLSearchParams({ Filename: plain(filename).slice(-NAME_CHARACTERS), ClientId: id });
    return this.exchange(`Media?${query}`, session, isStored, bytes);
  }

  /** The file with new temporary addresses. */
  find(session: StoredSession, sid: string): Promise<Outcome<Stored>> {
    return this.exchange(`Media/${sid}`, session, isStored);
  }

  /** The bytes of a file are the body as they are. */
  protected override requestOf(path: string, caller: StoredSession, content?: object): SignedCall {
    const request = super.requestOf(path, caller, content && {});
    if (!(content instanceof ArrayBuffer)) return request;
    return { ...request, headers: { ...request.headers, 'Content-Type': 'application/octet-stream' }, body: content };
  }

  protected override warnDeveloper(): void {}
}

function isStored(value: unknown): value is Stored {
  const { sid, links } = (value ?? {}) as Partial<Stored>;
  return typeof sid === 'string' && typeof links?.content === 'string';
}
