import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FILE_BYTES, FILES_OF_A_MESSAGE } from '../src/dom/files';
import { Conversation } from '../src/inbox/conversation';
import { Outbox } from '../src/inbox/outbox';
import { settle } from './browser';
import { ME as AGENT, team, UNUSED } from './inbox-page';

const SID = 'CH1';
const OTHER = 'CH2';
const ME = { ...AGENT, identity: 'agent_ann' };

/** An upload that the page has begun, which the test lets go on. */
class Upload {
  static all: Upload[] = [];
  readonly upload: { onprogress?: (event: { loaded: number }) => void; onload?: () => void } = {};
  status = 0;
  responseText = '';
  #headers = '';
  address = '';
  body: unknown;
  isAborted = false;
  onload = () => {};
  onerror = () => {};
  onabort = () => {};
  onloadend = () => {};

  open(_method: string, address: string): void {
    this.address = address;
  }

  setRequestHeader(): void {}

  getAllResponseHeaders(): string {
    return `content-type: application/json\r\n${this.#headers}`;
  }

  send(body: unknown): void {
    this.body = body;
    Upload.all.push(this);
  }

  abort(): void {
    this.isAborted = true;
    this.onabort();
    this.onloadend();
  }

  async sends(bytes: number): Promise<void> {
    this.upload.onprogress?.({ loaded: bytes });
    await settle();
  }

  async answers(status: number, body: object, headers = ''): Promise<void> {
    this.status = status;
    this.#headers = headers;
    this.responseText = JSON.stringify(body);
    this.onload();
    this.onloadend();
    await settle();
  }

  async isLost(): Promise<void> {
    this.onerror();
    this.onloadend();
    await settle();
  }

  get clientId(): string | null {
    return new URLSearchParams(this.address.split('?')[1]).get('ClientId');
  }
}

const latest = () => Upload.all.at(-1) as Upload;
const file = (name: string, content = 'text', type = 'text/plain') => new File([content], name, { type });
/** The server's answer to a reply; without it, 201. */
let refusals: { status: number; message: string }[];
let replies: Record<string, unknown>[];
let failures: string[];
let visible: (() => void)[];
let asked: string[];
let media: object[];
let outbox: Outbox;
let agents = 0;

beforeEach(() => {
  Upload.all = [];
  refusals = [];
  replies = [];
  failures = [];
  visible = [];
  asked = [];
  media = [];
  vi.stubGlobal('XMLHttpRequest', Upload);
  vi.stubGlobal('IntersectionObserver', class {
    constructor(seen: (entries: object[]) => void) {
      visible.push(() => seen([{ isIntersecting: true }]));
    }
    observe() {}
    disconnect() {}
  });
  vi.stubGlobal('fetch', async (path: string, call?: RequestInit) => {
    asked.push(path);
    if (path.endsWith('/messages')) {
      const refusal = refusals.shift();
      if (refusal) return new Response(JSON.stringify(refusal), { status: refusal.status });
      const reply = JSON.parse(String(call?.body));
      replies.push(reply);
      return new Response(JSON.stringify(message(reply.body, reply.client_id)), { status: 201 });
    }
    if (path.includes('/media/')) {
      return new Response(JSON.stringify({ sid: 'ME1', links: { content: '/media/original', preview_temporary: '/media/preview' } }));
    }
    if (path.includes('/notes')) return new Response('{"notes":[],"more":false}');
    if (path.includes('/changes')) return new Response(JSON.stringify({ revision: 1, messages: [], participants: [], more: false }));
    return new Response(JSON.stringify({ summary, pre_engagement_data: '{}', participants: [], messages: media, has_more: false, others: [] }));
  });
  outbox = Outbox.of(`agent_${++agents}`);
  outbox.begin(() => {}, (failure) => failures.push(failure.message));
});

afterEach(() => {
  outbox.pause();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const summary = {
  conversation_sid: SID, state: 'active', name: 'Ada', revision: 1, unread: 0, last_message: null,
  date_created: '2026-01-01T12:00:00Z', date_active: '2026-01-01T12:00:00Z', assignee: null, waiting_since: null, labels: [], reopenable_for: null, page: null,
  session: { state: 'live', bound: false, revoked_why: null, refusals: 0, last_refused_at: null, last_refused_why: null },
};

function message(body: string, client_id: string | null, files: object[] = []) {
  return {
    sid: `IM${client_id}`, index: 0, author: ME.identity, author_kind: 'agent', author_name: 'ann', body, media: files, client_id,
    date_created: '2026-01-01T12:00:00Z', revision: 2, removed: false,
  };
}

const stored = (sid: string) => ({ sid, links: {} });
/** Passes the pauses between attempts, which the test does not wait for. */
const withoutWaiting = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

describe('a reply with files', () => {
  test('is sent after its files, and names them in their order', async () => {
    await outbox.attach(SID, [file('one.txt'), file('two.txt')]);
    outbox.add(SID, 'Here they are');
    await settle();
    expect(latest().address).toBe(`/inbox/api/conversations/${SID}/media?ClientId=${latest().clientId}&Filename=one.txt`);
    await latest().sends(2);
    expect(outbox.waiting(SID)[0]?.files.map((one) => one.sent)).toEqual([2, 0]);
    await latest().answers(201, stored('ME1'));
    expect(replies).toEqual([]);
    await latest().answers(201, stored('ME2'));
    expect(replies).toMatchObject([{ body: 'Here they are', media_sids: ['ME1', 'ME2'] }]);
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.draftFiles(SID)).toEqual([]);
  });

  test('survives a lost network, and its file is the same file in each attempt', async () => {
    withoutWaiting();
    await outbox.attach(SID, [file('one.txt')]);
    outbox.add(SID, '');
    await settle();
    await latest().sends(3);
    await latest().isLost();
    expect(outbox.waiting(SID)[0]?.files[0]?.sent).toBe(0);
    await latest().answers(0, {}); // an event of the lost attempt changes nothing
    for (const attempt of [2, 3]) {
      await vi.advanceTimersByTimeAsync(10_000);
      await settle();
      expect(Upload.all).toHaveLength(attempt);
      if (attempt === 2) await latest().answers(503, { message: 'not now' });
    }
    await latest().answers(201, stored('ME1'));
    expect(new Set(Upload.all.map((one) => one.clientId)).size).toBe(1);
    expect(replies).toMatchObject([{ body: '', media_sids: ['ME1'] }]);
    expect(failures).toEqual([]);
  });

  test('becomes a draft again with all its files if the server refuses one of them', async () => {
    await outbox.attach(SID, [file('good.txt'), file('page.html')]);
    outbox.add(SID, 'Look');
    await settle();
    await latest().answers(201, stored('ME1'));
    await latest().answers(415, { message: 'Files of the type text/html are not accepted.' });
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.draft(SID)).toBe('Look');
    expect(outbox.draftFiles(SID).map((one) => [one.name, one.problem])).toEqual([
      ['good.txt', ''],
      ['page.html', 'Files of the type text/html are not accepted.'],
    ]);
    expect(failures).toEqual(['Files of the type text/html are not accepted.']);
    outbox.detach(SID, outbox.draftFiles(SID)[1]?.clientId as string);
    outbox.add(SID, 'Look');
    await settle();
    expect(Upload.all, 'the good file was uploaded before').toHaveLength(2);
    expect(replies).toMatchObject([{ media_sids: ['ME1'] }]);
  });

  test('waits a minute if the server asks for one, and no hours', async () => {
    withoutWaiting();
    await outbox.attach(SID, [file('one.txt')]);
    outbox.add(SID, 'Look');
    await settle();
    await latest().answers(429, { message: 'Too many files.' }, 'retry-after: 60\r\n');
    await vi.advanceTimersByTimeAsync(59_000);
    expect(Upload.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    await latest().answers(429, { message: 'Too many files today.' }, 'retry-after: 7200\r\n');
    expect(outbox.draftFiles(SID)[0]?.problem).toBe('Too many files today.');
    expect(outbox.draft(SID)).toBe('Look');
  });

  test('can be cancelled while a file is sent, and not after that', async () => {
    await outbox.attach(SID, [file('one.txt')]);
    outbox.add(SID, 'Look');
    await settle();
    const { clientId } = outbox.waiting(SID)[0] as { clientId: string };
    outbox.cancel(clientId);
    await settle();
    expect(latest().isAborted).toBe(true);
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.draft(SID)).toBe('Look');
    expect(outbox.draftFiles(SID)).toHaveLength(1);
    outbox.add(SID, 'Look');
    outbox.keepDraft(SID, '');
    await settle();
    let answer = (_response: Response) => {};
    vi.stubGlobal('fetch', () => new Promise((resolve) => (answer = resolve)));
    await latest().answers(201, stored('ME1'));
    outbox.cancel(outbox.waiting(SID)[0]?.clientId as string);
    expect(outbox.waiting(SID), 'the server may have it').toHaveLength(1);
    answer(new Response(JSON.stringify(message('Look', 'x'))));
    await settle();
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.draft(SID)).toBe('');
  });

  test('is a draft and is not sent if it is cancelled in the moment in which its last file has arrived', async () => {
    const sent = vi.fn(() => new Promise(() => {}));
    vi.stubGlobal('fetch', sent);
    await outbox.attach(SID, [file('one.txt')]);
    outbox.add(SID, 'Look');
    outbox.keepDraft(SID, '');
    await settle();
    const { clientId } = outbox.waiting(SID)[0] as { clientId: string };
    const answered = latest().answers(201, stored('ME1'));
    outbox.cancel(clientId);
    await answered;
    await settle();
    expect(sent).not.toHaveBeenCalled();
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.draft(SID)).toBe('Look');
    expect(outbox.draftFiles(SID)).toHaveLength(1);
  });

  test('delays the next reply of its conversation, and none of another', async () => {
    await outbox.attach(SID, [file('long.txt')]);
    outbox.add(SID, 'first');
    outbox.add(SID, 'second');
    outbox.add(OTHER, 'elsewhere');
    await settle();
    expect(replies.map((one) => one['body'])).toEqual(['elsewhere']);
    expect(replies[0]).not.toHaveProperty('media_sids');
    await latest().answers(201, stored('ME1'));
    expect(replies.map((one) => one['body'])).toEqual(['elsewhere', 'first', 'second']);
  });

  test('waits while the agent is signed out, and is sent after the next sign-in', async () => {
    withoutWaiting();
    await outbox.attach(SID, [file('one.txt')]);
    outbox.add(SID, 'Look');
    await settle();
    outbox.pause();
    await settle();
    expect(latest().isAborted).toBe(true);
    await vi.advanceTimersByTimeAsync(120_000);
    await settle();
    expect(Upload.all).toHaveLength(1);
    outbox.begin(() => {}, () => {});
    await settle();
    await latest().answers(401, { message: 'not signed in' });
    expect(outbox.waiting(SID), 'it is kept').toHaveLength(1);
    outbox.begin(() => {}, () => {});
    await settle();
    await latest().answers(201, stored('ME1'));
    expect(replies).toHaveLength(1);
  });

  test('is uploaded again, once, if the server has deleted its files before it could be sent', async () => {
    const gone = { status: 400, message: 'The field "media_sid" names a file that cannot be sent.' };
    refusals = [gone, gone];
    await outbox.attach(SID, [file('one.txt')]);
    outbox.add(SID, 'Look');
    await settle();
    await latest().answers(201, stored('ME1'));
    expect(Upload.all).toHaveLength(2);
    await latest().answers(201, stored('ME2'));
    expect(failures).toEqual([gone.message]);
    expect(outbox.draftFiles(SID)).toHaveLength(1);
    expect(replies).toEqual([]);
  });

  test('is removed, with its draft, when its conversation is erased', async () => {
    await outbox.attach(SID, [file('one.txt')]);
    outbox.add(SID, 'Look');
    await outbox.attach(SID, [file('two.txt')]);
    await settle();
    outbox.remove(SID);
    await settle();
    expect(latest().isAborted).toBe(true);
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.draftFiles(SID)).toEqual([]);
    expect(failures).toEqual([]);
  });
});

test('a file that cannot be sent is not attached, and the agent reads why', async () => {
  const folder = file('folder');
  folder.arrayBuffer = () => Promise.reject(new DOMException('a folder', 'NotReadableError'));
  const tooLarge = file('film.mp4');
  Object.defineProperty(tooLarge, 'size', { value: FILE_BYTES + 1 });
  expect(await outbox.attach(SID, [file('empty.txt', ''), tooLarge, folder, file('good.txt')])).toBe(
    '“empty.txt” cannot be sent: it is empty. “film.mp4” cannot be sent: it is longer than 16 MB.'
      + ' “folder” cannot be sent: this browser cannot read it.',
  );
  expect(outbox.draftFiles(SID).map((one) => one.name)).toEqual(['good.txt']);
  const many = Array.from({ length: FILES_OF_A_MESSAGE }, (_, number) => file(`${number}.txt`));
  expect(await outbox.attach(SID, many)).toContain('at most 10 files');
  expect(outbox.draftFiles(SID)).toHaveLength(FILES_OF_A_MESSAGE);
});

describe('the page', () => {
  let open: Conversation;
  const all = (selector: string) => [...open.element.querySelectorAll<HTMLElement>(selector)];
  const first = (selector: string) => all(selector)[0] as HTMLElement;
  const field = () => first('textarea') as HTMLTextAreaElement;

  beforeEach(async () => {
    open = new Conversation(SID, ME, team(), outbox, { ...UNUSED, failed: (failure) => failures.push(failure.message) });
    outbox.begin((conversation, arrived) => {
      if (conversation === SID) open.replied(arrived);
    }, (failure) => failures.push(failure.message));
    document.body.replaceChildren(open.element);
    await open.load();
  });

  async function pastes(files: File[], text: string): Promise<Event> {
    const event = new Event('paste', { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { files, getData: () => text } });
    field().dispatchEvent(event);
    await settle();
    return event;
  }

  async function drops(files: File[]): Promise<void> {
    const event = new Event('drop', { bubbles: true, cancelable: true });
    Object.assign(event, { dataTransfer: { files, types: ['Files'] } });
    first('.log').dispatchEvent(event);
    await settle();
  }

  test('takes files that are pasted or dropped, and leaves a pasted text alone', async () => {
    expect((await pastes([file('shot.png')], '')).defaultPrevented).toBe(true);
    expect((await pastes([file('picture-of-the-text.png')], 'text')).defaultPrevented).toBe(false);
    await drops([file('list.txt')]);
    expect(all('.chosen bdi').map((one) => one.textContent)).toEqual(['shot.png', 'list.txt']);
    expect(document.activeElement).toBe(field());
  });

  test('opens the camera on a phone, and elsewhere only the dialog for files', async () => {
    const opened: HTMLInputElement[] = [];
    vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(function (this: HTMLInputElement) {
      opened.push(this);
    });
    const photo = () => first('[aria-label="Take a photo"]');
    expect(photo().hidden).toBe(true);
    first('[aria-label="Attach files"]').click();
    vi.spyOn(globalThis, 'matchMedia').mockImplementation(
      (query) => Object.assign(new EventTarget(), { matches: query === '(pointer: coarse)' }) as unknown as MediaQueryList,
    );
    all('.modes button')[1]!.click();
    expect(photo().hidden).toBe(true);
    all('.modes button')[0]!.click();
    expect(photo().hidden).toBe(false);
    photo().click();
    expect(opened.map((one) => [one.multiple, one.getAttribute('capture')])).toEqual([[true, null], [false, 'environment']]);
    Object.defineProperty(opened[1], 'files', { value: [file('photo.jpg')] });
    opened[1]!.dispatchEvent(new Event('change'));
    await settle();
    expect(all('.chosen bdi').map((one) => one.textContent)).toEqual(['photo.jpg']);
  });

  test('takes no files where nobody can reply', async () => {
    first('.composer').hidden = true;
    await drops([file('list.txt')]);
    expect(outbox.draftFiles(SID)).toEqual([]);
  });

  test('sends files without a text, shows how far they are, and keeps the focus on Cancel meanwhile', async () => {
    await drops([file('list.txt', 'x'.repeat(1_000))]);
    field().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    await settle();
    expect(all('.chosen li')).toEqual([]);
    const progress = first('.waiting progress') as HTMLProgressElement;
    expect(progress.getAttribute('aria-label')).toBe('Sending list.txt');
    const cancel = first('.waiting button');
    cancel.focus();
    await latest().sends(250);
    expect(progress.value / progress.max).toBe(0.25);
    expect(first('.waiting progress')).toBe(progress);
    expect(document.activeElement).toBe(cancel);
    expect(all('.waiting .body'), 'no empty bubble').toEqual([]);
    expect(first('.waiting').textContent).toContain('Sending…');
    await latest().isLost();
    expect(first('.waiting').textContent).toContain('Not sent yet. Trying again…');
    expect(document.activeElement).toBe(cancel);
    cancel.click();
    await settle();
    expect(all('.waiting')).toEqual([]);
    expect(all('.chosen bdi').map((one) => one.textContent)).toEqual(['list.txt']);
    expect(document.activeElement).toBe(field());
  });

  test('sends a reply with a file that is still being read, and not without one that cannot be', async () => {
    const drop = drops([file('list.txt')]);
    first('form').dispatchEvent(new Event('submit', { cancelable: true }));
    await drop;
    expect(Upload.all).toHaveLength(1);
    await latest().answers(201, stored('ME1'));
    field().value = 'Look';
    const empty = drops([file('empty.txt', '')]);
    first('form').dispatchEvent(new Event('submit', { cancelable: true }));
    await empty;
    expect(replies).toHaveLength(1);
    expect(first('.composer > .problem').textContent).toContain('it is empty');
    expect(field().value).toBe('Look');
  });

  test('moves the focus to the next file when one is removed, and at the end to the button that adds files', async () => {
    await drops([file('one.txt'), file('two.txt'), file('three.txt')]);
    const removes = (name: string) => {
      const button = first(`[aria-label="Remove ${name}"]`);
      button.focus();
      button.click();
      return document.activeElement?.getAttribute('aria-label');
    };
    expect(removes('two.txt')).toBe('Remove three.txt');
    expect(removes('three.txt')).toBe('Remove one.txt');
    expect(removes('one.txt')).toBe('Attach files');
  });

  test('says at the file why the server refused it', async () => {
    await drops([file('page.html')]);
    field().value = 'Look';
    first('form').dispatchEvent(new Event('submit', { cancelable: true }));
    await settle();
    await latest().answers(415, { message: 'Not accepted.' });
    expect(first('.chosen .problem').textContent).toBe('Not accepted.');
    expect(field().value).toBe('Look');
  });
});

test('files of a message are downloads, and a preview is loaded when the agent sees it', async () => {
  const attached = (sid: string, filename: string, preview: boolean) => ({ sid, filename, content_type: 'x', size: 1_234_567, preview });
  media = [message('', 'a', [attached('ME1', 'photo\u202egnp.png', true), attached('ME2', 'list.pdf', false)])];
  const open = new Conversation(SID, ME, team(), outbox, UNUSED);
  document.body.replaceChildren(open.element);
  await open.load();
  const buttons = [...open.element.querySelectorAll<HTMLElement>('.line .file')];
  const spoken = (button: HTMLElement) => [...button.children].filter((one) => !one.getAttribute('aria-hidden')).map((one) => one.textContent).join('');
  expect(buttons.map(spoken)).toEqual(['Download photognp.png 1.2 MB', 'Download list.pdf 1.2 MB']);
  expect(open.element.querySelectorAll('.line .body')).toHaveLength(0);
  expect(asked.filter((path) => path.includes('/media/'))).toEqual([]);
  expect(visible).toHaveLength(1);
  visible[0]?.();
  await settle();
  expect(asked.filter((path) => path.includes('/media/'))).toEqual([`/inbox/api/conversations/${SID}/media/ME1`]);
  const opened: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    opened.push(this.href);
  });
  buttons[1]?.click();
  await settle();
  expect(asked.at(-1)).toBe(`/inbox/api/conversations/${SID}/media/ME2`);
  expect(opened).toEqual(['https://shop.example.com/media/original']);
});
