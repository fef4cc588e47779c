import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Blob as NodeBlob, File as NodeFile } from 'node:buffer';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FILE_TEXTS } from '../src/widget/files/texts';
import { settle, type Browser } from './browser';
import { storesNo } from './database';
import { optionsOf } from '../src/widget/options';
import { live, page, type Page } from './page';
import { attached, KEY, message, type Server } from './server';
import { wire } from './wire';

beforeEach(() => {
  // Of these Blobs, IndexedDB stores copies, as browsers do.
  vi.stubGlobal('Blob', NodeBlob);
  vi.stubGlobal('File', NodeFile);
  vi.stubGlobal('IntersectionObserver', class {
    constructor(private readonly seen: (entries: object[]) => void) {}
    observe(target: Element): void {
      queueMicrotask(() => this.seen([{ isIntersecting: true, target }]));
    }
    unobserve(): void {}
  });
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});

const text = (name: string, content = 'Hello') => new File([content], name, { type: 'text/plain' });

async function drop(made: Page, ...files: File[]): Promise<Event> {
  const event = Object.assign(new Event('drop', { bubbles: true, cancelable: true }), { dataTransfer: { types: ['Files'], files } });
  made.find('.panel').dispatchEvent(event);
  await settle();
  return event;
}

const trayed = (made: Page) => made.all('.tray .name').map((one) => one.textContent);
const received = ({ messages }: Server) => messages.map((one) => [one.body, ...(one.media ?? []).map((file) => file.filename)].join('|'));
const uploads = ({ calls }: Server) => calls.filter((call) => call.method === 'POST' && call.path === 'Media');
const problem = (made: Page) => made.find('.tray [role=alert]').textContent;

/** The page is loaded again. */
const reload = async (browser: Browser): Promise<Page> => {
  for (const tab of browser.tabs) tab.close();
  const made = page({}, browser);
  await settle();
  return made;
};

describe('a file that the guest drops', () => {
  test('is shown above the field, and sent with the words, as the message that it belongs to', async () => {
    const made = await live();
    const event = await drop(made, text('a.txt'), text('b.txt', 'Ho'));
    expect(event.defaultPrevented).toBe(true);
    expect(trayed(made)).toEqual(['a.txt', 'b.txt']);
    expect(uploads(made.server)).toEqual([]);
    await made.say('Look at these');
    expect(trayed(made)).toEqual([]);
    expect(received(made.server)).toEqual(['Look at these|a.txt|b.txt']);
    expect(made.server.files.map(({ bytes }) => String(bytes))).toEqual(['Hello', 'Ho']);
    expect(made.server.badProofs).toEqual([]);
    expect(made.all('.line.mine .get').map((one) => one.textContent)).toEqual(['Download a.txt 0.1 kB', 'Download b.txt 0.1 kB']);
  });

  test('waits for the code that sends it also while the page changes its texts', async () => {
    const made = await live();
    const tab = made.browser.tabs.at(-1)!;
    const { loadFiles } = tab.deps;
    let loads = () => {};
    tab.deps.loadFiles = (attempt) => new Promise<void>((resolve) => (loads = resolve)).then(() => loadFiles(attempt));
    await drop(made, text('a.txt'));
    made.webchat.update(optionsOf({ deploymentKey: KEY, texts: { title: 'Ask us' } }, () => {}));
    loads();
    await settle();
    expect(trayed(made)).toEqual(['a.txt']);
    await made.say('Look');
    expect(received(made.server)).toEqual(['Look|a.txt']);
  });

  test('that could not be prepared is not lost when the page changes its texts', async () => {
    const made = await live();
    made.browser.hasFiles = () => false;
    await drop(made, text('a.txt'));
    made.webchat.update(optionsOf({ deploymentKey: KEY, texts: { title: 'Ask us' } }, () => {}));
    made.browser.hasFiles = () => true;
    await made.click('Send');
    expect(trayed(made)).toEqual(['a.txt']);
  });

  test('needs no words', async () => {
    const made = await live();
    await drop(made, text('a.txt'));
    await made.click('Send');
    expect(received(made.server)).toEqual(['|a.txt']);
    expect(made.all('.line.mine .body')).toEqual([]);
  });

  test('can be removed before it is sent', async () => {
    const made = await live();
    await drop(made, text('a.txt'), text('b.txt'));
    await made.click('Do not send a.txt');
    await made.click('Send');
    expect(received(made.server)).toEqual(['|b.txt']);
  });

  test('is refused with its reason if it is empty, too large, a folder, or the eleventh', async () => {
    const made = await live();
    const large = text('large.bin');
    Object.defineProperty(large, 'size', { value: 17 << 20 });
    const folder = text('folder');
    folder.arrayBuffer = () => Promise.reject(new DOMException('', 'NotReadableError'));
    await drop(made, text('nothing.txt', ''), large, folder);
    expect(problem(made)).toBe([
      'nothing.txt is empty.',
      'large.bin is too large. A file can have at most 16 MB.',
      'folder cannot be read. Choose it again. Folders cannot be sent.',
    ].join('\n'));
    await drop(made, ...Array.from({ length: 50 }, (_, number) => text(`${number}.txt`)));
    expect(trayed(made)).toHaveLength(10);
    expect(problem(made)).toBe('A message can have 10 files. Send these first, and then the others.');
  });

  test('is the one that was chosen, also if it changes while it waits', async () => {
    const made = await live();
    storesNo('files'); // a stored file is a copy anyway
    const file = text('a.txt', 'before');
    await drop(made, file);
    file.arrayBuffer = () => Promise.reject(new DOMException('', 'NotReadableError'));
    await made.click('Send');
    expect(String(made.server.files[0]?.bytes)).toBe('before');
  });

  test('is refused if too much waits in this browser already', async () => {
    const made = await live();
    const large = (name: string) => {
      const file = text(name);
      const bytes = new ArrayBuffer(16 << 20);
      Object.defineProperty(file, 'size', { value: bytes.byteLength });
      file.arrayBuffer = () => Promise.resolve(bytes);
      return file;
    };
    await drop(made, large('1'), large('2'), large('3'), large('4'), text('5'));
    expect(trayed(made)).toEqual(['1', '2', '3', '4']);
    expect(problem(made)).toBe(FILE_TEXTS.fileTooMuch);
  });

  test('shows its name without controls of the writing direction', async () => {
    const made = await live();
    await drop(made, text('photo\u202egpj.exe'));
    expect(trayed(made)).toEqual(['photogpj.exe']);
  });
});

describe('a file that the guest pastes', () => {
  async function paste(made: Page, words: string, ...files: File[]): Promise<Event> {
    const clipboardData = { types: files.length ? ['Files'] : ['text/plain'], files, getData: () => words };
    const event = Object.assign(new Event('paste', { bubbles: true, cancelable: true }), { clipboardData });
    made.find('.composer textarea').dispatchEvent(event);
    await settle();
    return event;
  }

  test('is shown above the field, as one that is dropped', async () => {
    const made = await live();
    expect((await paste(made, '', text('screenshot.png'))).defaultPrevented).toBe(true);
    expect(trayed(made)).toEqual(['screenshot.png']);
    await made.click('Send');
    expect(received(made.server)).toEqual(['|screenshot.png']);
  });

  test('is left out if it comes with words: text processors add a picture of them', async () => {
    const made = await live();
    expect((await paste(made, 'Hello', text('picture-of-the-words.png'))).defaultPrevented).toBe(false);
    expect((await paste(made, 'Hello')).defaultPrevented).toBe(false);
    expect(trayed(made)).toEqual([]);
  });
});

describe('the button for files', () => {
  /** The dialogs that the browser opened, and the files that the guest then chooses. */
  function dialogs(): HTMLInputElement[] {
    const opened: HTMLInputElement[] = [];
    vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(function (this: HTMLInputElement) {
      opened.push(this);
    });
    return opened;
  }

  async function choose(dialog: HTMLInputElement, ...files: File[]): Promise<void> {
    Object.defineProperty(dialog, 'files', { value: files });
    dialog.dispatchEvent(new Event('change'));
    await settle();
  }

  test('opens the dialog for files, and puts the chosen ones above the field', async () => {
    const opened = dialogs();
    const made = await live();
    await made.click('Attach');
    expect(opened.map((one) => [one.multiple, one.getAttribute('capture')])).toEqual([[true, null]]);
    await choose(opened[0]!, text('a.txt'), text('b.txt'));
    expect(trayed(made)).toEqual(['a.txt', 'b.txt']);
  });

  test('offers the camera on a phone', async () => {
    const opened = dialogs();
    const made = await live();
    vi.spyOn(globalThis, 'matchMedia').mockImplementation(
      (query) => Object.assign(new EventTarget(), { matches: query === '(pointer: coarse)' }) as unknown as MediaQueryList,
    );
    await made.click('Attach');
    expect(opened).toEqual([]);
    await made.click('Take a photo');
    expect(opened.map((one) => [one.accept, one.getAttribute('capture')])).toEqual([['image/*', 'environment']]);
    await choose(opened[0]!, text('photo.jpg'));
    expect(trayed(made)).toEqual(['photo.jpg']);
    await made.click('Attach');
    await made.click('Choose files');
    expect(opened[1]?.getAttribute('capture')).toBeNull();
  });
});

describe('a message with files', () => {
  test('whose upload is lost is sent once, later, and before what was written after it', async () => {
    const made = await live();
    let lost = 2;
    made.server.fault = (call) => (call.path === 'Media' && lost-- > 0 ? 'answer lost' : undefined);
    await drop(made, text('a.txt'));
    await made.say('one');
    await made.say('two');
    expect(made.find('.line.waiting .note').textContent).toBe(FILE_TEXTS.fileOffline);
    expect(received(made.server)).toEqual([]);
    await made.browser.clock.advance(10_000);
    expect(received(made.server)).toEqual(['one|a.txt', 'two']);
    expect(made.server.files).toHaveLength(1);
  });

  test('outlives the page, with its bytes', async () => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Media' ? 'request lost' : undefined);
    await drop(made, text('a.txt', 'kept'));
    await made.say('one');
    const after = await reload(made.browser);
    expect(after.all('.line.waiting .name').map((one) => one.textContent)).toEqual(['a.txt']);
    made.server.fault = () => undefined;
    await made.browser.clock.advance(60_000);
    expect(received(made.server)).toEqual(['one|a.txt']);
    expect(made.server.files.map(({ bytes }) => String(bytes))).toEqual(['kept']);
  });

  test('is shown as one that only this page has, if the browser cannot store files, and texts are stored as before', async () => {
    const made = await live();
    storesNo('files');
    made.server.fault = (call) => (call.path === 'Media' ? 'request lost' : undefined);
    await drop(made, text('a.txt'));
    await made.say('one');
    await made.say('two');
    expect(made.all('.line.waiting .note').map((one) => one.textContent)).toContain(FILE_TEXTS.fileLoose);
    expect((await made.browser.tabs[0]?.deps.transcript.outbox(made.server.sid))?.map((one) => one.body)).toEqual(['two']);
    made.server.fault = () => undefined;
    await made.browser.clock.advance(60_000);
    expect(received(made.server).sort()).toEqual(['one|a.txt', 'two']);
  });

  test('waits if the code that sends it cannot be loaded', async () => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Media' ? 'request lost' : undefined);
    await drop(made, text('a.txt'));
    await made.click('Send');
    made.browser.hasFiles = () => false;
    made.server.fault = () => undefined;
    const after = await reload(made.browser);
    expect(after.find('.line.waiting .body').textContent).toBe('a.txt');
    made.browser.hasFiles = () => true;
    await made.browser.clock.advance(60_000);
    expect(received(made.server)).toEqual(['|a.txt']);
  });

  test('can be cancelled while it is sent, and then leaves nothing', async () => {
    const made = await live();
    let go = () => {};
    made.server.hold = new Promise<void>((resolve) => (go = resolve));
    await drop(made, text('a.txt'));
    await made.click('Send');
    await made.click('Do not send a.txt');
    expect(made.all('.line')).toEqual([]);
    go();
    await made.browser.clock.advance(60_000);
    expect(received(made.server)).toEqual([]);
    await made.say('Never mind');
    expect(received(made.server)).toEqual(['Never mind']);
    expect((await reload(made.browser)).all('.line')).toHaveLength(1);
  });

  test('is uploaded again if the server has deleted its file meanwhile', async () => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Messages' ? wire('init-malformed').answer() : undefined);
    await drop(made, text('a.txt'));
    await made.say('one');
    expect(made.all('.line.failed')).toHaveLength(1);
    made.server.files.length = 0;
    made.server.fault = () => undefined;
    await made.click('Send again');
    expect(received(made.server)).toEqual(['one|a.txt']);
  });

  test('goes without the file that is cancelled', async () => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Media' ? 'request lost' : undefined);
    await drop(made, text('a.txt'), text('b.txt'));
    await made.say('Here');
    await made.click('Do not send a.txt');
    made.server.fault = () => undefined;
    await made.browser.clock.advance(60_000);
    expect(received(made.server)).toEqual(['Here|b.txt']);
  });

  test('goes without a file that is cancelled after it has arrived, while another one is on its way', async () => {
    const made = await live();
    let go = () => {};
    const isOnItsWay = new Promise<void>((resolve) => (go = resolve));
    made.server.fault = (call) => {
      if (call.query.get('Filename') === 'b.txt') made.server.hold = isOnItsWay;
      return undefined;
    };
    await drop(made, text('a.txt'), text('b.txt'));
    await made.say('Here');
    await made.click('Do not send a.txt');
    go();
    await made.browser.clock.advance(60_000);
    expect(received(made.server)).toEqual(['Here|b.txt']);
  });

  test.each([
    ['unsupported-media-type', 'a.txt is a file of a type that cannot be sent here.', false],
    ['too-large', 'a.txt is too large. A file can have at most 16 MB.', false],
    ['upload-full', FILE_TEXTS.fileFull, true],
  ])('that is refused by %s says why, lets later words pass, and can be sent again if that can help', async (refusal, why, canHelp) => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Media' ? wire(refusal).answer() : undefined);
    await drop(made, text('a.txt'));
    await made.say('one');
    made.type('.composer textarea', 'two');
    await made.key(made.find('.composer textarea'), 'Enter');
    expect(made.find('.line.failed .status').textContent).toBe(`Not sent. ${why}`);
    expect(received(made.server)).toEqual(['two']);
    made.server.fault = () => undefined;
    expect(made.all('.line.failed .again')).toHaveLength(canHelp ? 1 : 0);
    await made.click(canHelp ? 'Send again' : 'Do not send a.txt');
    await settle();
    expect(received(made.server)).toEqual(['two', canHelp ? 'one|a.txt' : 'one']);
  });

  test('does not hold up later words for ever if files are not accepted', async () => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Media' ? wire('refresh-unavailable').answer() : undefined);
    await drop(made, text('a.txt'));
    await made.say('one');
    await made.say('two');
    expect(made.find('.line.waiting .note').textContent).toBe(FILE_TEXTS.fileUnavailable);
    await made.browser.clock.advance(10 * 60_000);
    expect(received(made.server)).toEqual(['two']);
    expect(made.find('.line.failed .status').textContent).toBe('Not sent. a.txt could not be sent. Please try again later.');
  });

  test('waits for the limit of a minute, but does not hold up later words for that of a day', async () => {
    const made = await live();
    const limited = (seconds: string) => () => wire('refresh-too-many-requests').answer({ seconds });
    made.server.fault = (call) => (call.path === 'Media' ? limited('60')() : undefined);
    await drop(made, text('a.txt'));
    await made.say('one');
    await made.say('two');
    await made.browser.clock.advance(10 * 60_000);
    expect(made.find('.line.waiting .note').textContent).toBe(FILE_TEXTS.fileBusy);
    expect(received(made.server)).toEqual([]);
    made.server.fault = (call) => (call.path === 'Media' ? limited('36000')() : undefined);
    await made.browser.clock.advance(10 * 60_000);
    expect(received(made.server)).toEqual(['two']);
  });

  test('is not the end of the session, and no lost connection, while it takes long', async () => {
    const made = await live();
    let go = () => {};
    made.server.hold = new Promise<void>((resolve) => (go = resolve));
    await drop(made, text('a.txt'));
    await made.click('Send');
    await made.browser.clock.advance(15_000);
    expect(made.find('.panel').dataset['state']).toBe('live');
    go();
    await settle();
    expect(received(made.server)).toEqual(['|a.txt']);
  });

  test('leaves nothing in the browser when the chat is erased', async () => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Media' ? 'request lost' : undefined);
    await drop(made, text('a.txt'));
    await made.click('Send');
    await drop(made, text('b.txt'));
    await made.webchat.reset();
    await settle();
    made.type('[name=friendlyName]', 'Bob');
    await made.click('Start chat');
    expect(trayed(made)).toEqual([]);
    await made.webchat.reset();
    made.server.fault = () => undefined;
    const after = await reload(made.browser);
    await made.browser.clock.advance(60_000);
    expect(made.server.files).toEqual([]);
    expect(after.all('.line')).toEqual([]);
  });
});

describe('two tabs', () => {
  test('send a message with a file once', async () => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Media' ? 'request lost' : undefined);
    await drop(made, text('a.txt'));
    await made.say('one');
    const other = page({}, made.browser);
    await settle();
    made.server.fault = () => undefined;
    await made.browser.clock.advance(60_000);
    expect(received(made.server)).toEqual(['one|a.txt']);
    expect(made.server.files).toHaveLength(1);
    expect(other.all('.line.mine .get')).toHaveLength(1);
  });
});

test.each([['Do not send a.txt', 'Here|b.txt'], ['both', '']])('a tab that sends a message notices that another tab withdraws %s', async (what, expected) => {
  const made = await live();
  let go = () => {};
  const isOnItsWay = new Promise<void>((resolve) => (go = resolve));
  made.server.fault = (call) => {
    if (call.query.get('Filename') === 'b.txt') made.server.hold = isOnItsWay;
    return undefined;
  };
  await drop(made, text('a.txt'), text('b.txt'));
  await made.say(what === 'both' ? '' : 'Here');
  const other = page({}, made.browser);
  await settle();
  await other.click('Do not send a.txt');
  if (what === 'both') await other.click('Do not send b.txt');
  go();
  await made.browser.clock.advance(60_000);
  expect(received(made.server).join()).toBe(expected);
  expect(other.all('.line.waiting')).toEqual([]);
});

test('a message that is cancelled in one tab is gone in the other one', async () => {
  const made = await live();
  made.server.fault = (call) => (call.path === 'Media' ? 'request lost' : undefined);
  await drop(made, text('a.txt'));
  await made.click('Send');
  const other = page({}, made.browser);
  await settle();
  expect(other.all('.line.waiting')).toHaveLength(1);
  await made.click('Do not send a.txt');
  expect(other.all('.line')).toEqual([]);
});

describe('if the code for files cannot be loaded', () => {
  test('a notice says so, words and file are kept, and the next attempt loads it from another address', async () => {
    const made = await live();
    const attempts: number[] = [];
    made.browser.hasFiles = (attempt) => attempts.push(attempt) > 1;
    made.type('.composer textarea', 'Look');
    await drop(made, text('a.txt'));
    expect(made.find('.unsent').textContent).toBe('Files cannot be sent just now. Please try again.');
    expect(received(made.server)).toEqual([]);
    await made.click('Send');
    expect(trayed(made)).toEqual(['a.txt']);
    expect(made.find<HTMLTextAreaElement>('.composer textarea').value).toBe('Look');
    await made.click('Send');
    expect(received(made.server)).toEqual(['Look|a.txt']);
    expect(attempts).toEqual([0, 1]);
  });
});

describe('a file that is received', () => {
  const withPreview = () => Response.json({ sid: `ME${'1'.repeat(32)}`, links: { content: '/media/one', preview_temporary: '/media/small' } });

  async function receives(file: Parameters<typeof attached>[0]): Promise<Page> {
    const made = await live();
    made.server.files.push({ id: 'x', sid: `ME${'1'.repeat(32)}`, filename: 'a.txt', bytes: Buffer.from('Hello') });
    const one = message({ body: 'Here', media: [attached(file)], revision: ++made.server.revision });
    made.server.messages.push(one);
    made.server.notify({ type: 'message', revision: one.revision, change: 'added', message: one });
    await settle();
    return made;
  }

  test('is shown below the words, with a preview that the server made', async () => {
    const made = await receives({ filename: 'cat.png', content_type: 'image/png', preview: true });
    made.server.fault = (call) => (call.method === 'GET' ? wire('upload').answer() : undefined);
    expect(made.find('.line.agent .body').textContent).toBe('Here');
    expect(made.find('.get').textContent).toBe('Download cat.png 0.1 kB');
    expect(made.server.count(`Media/ME${'1'.repeat(32)}`)).toBe(1);
  });

  test('is a row without an image if no preview can be loaded', async () => {
    const made = await receives({ filename: 'cat.png', preview: true });
    await settle();
    expect(made.all('.preview')).toEqual([]);
    expect(made.all('.get')).toHaveLength(1);
  });

  test('is a row without an image if the page allows none, and no other image is tried', async () => {
    const made = await receives({ filename: 'cat.png', preview: true });
    expect(made.all('.preview')).toEqual([]);
    made.server.fault = (call) => (call.path.startsWith('Media/') ? withPreview() : undefined);
    const show = async () => {
      made.server.says('agent-1', '', null, [attached({ filename: 'dog.png', preview: true })]);
      await settle();
    };
    await show();
    made.find('.preview img').dispatchEvent(new Event('error'));
    await settle();
    expect(made.all('.preview')).toEqual([]);
    await show();
    expect(made.all('.preview')).toEqual([]);
    expect(made.all('.get')).toHaveLength(3);
  });

  test('is opened by a link that is made at the click', async () => {
    const opened: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      opened.push(this.href);
    });
    const made = await receives({});
    expect(made.server.count(`Media/ME${'1'.repeat(32)}`)).toBe(0);
    await made.click('Download a.txt');
    await made.click('Download a.txt');
    expect(opened).toEqual(['https://chat.example.com/media/one', 'https://chat.example.com/media/one']);
    expect(made.server.count(`Media/ME${'1'.repeat(32)}`)).toBe(2);
  });

  test('says when it was deleted, and when it cannot be opened just now', async () => {
    const made = await receives({});
    made.server.fault = (call) => (call.path.startsWith('Media/') ? wire('not-found').answer() : undefined);
    await made.click('Download a.txt');
    expect(made.find('.log .note').textContent).toBe('This file was deleted.');
    made.server.fault = (call) => (call.path.startsWith('Media/') ? 'request lost' : undefined);
    await made.click('Download a.txt');
    expect(made.find('.log .note').textContent).toBe(FILE_TEXTS.fileNotNow);
  });
});

test('docs/widget.md lists every text about files as it is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/widget.md'), 'utf8');
  const [, listed = ''] = page.split('\n### Texts about files\n');
  for (const [name, text] of Object.entries(FILE_TEXTS)) expect(listed).toContain(`\n  ${name}: '${text}',\n`);
  expect(listed.match(/^ {2}\w+: /gm)).toHaveLength(Object.keys(FILE_TEXTS).length);
});

test('texts about files are those of the page, and an unknown one is reported', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const made = await live({ texts: { fileEmpty: 'Leer: {name}', fileUnknown: '?' } as object });
  await drop(made, text('nichts.txt', ''));
  expect(problem(made)).toBe('Leer: nichts.txt');
  expect(warned.mock.calls).toEqual([['Parlour: texts.fileUnknown is not known']]);
});
