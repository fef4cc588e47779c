import { beforeEach, expect, test, vi } from 'vitest';
import { Browser, settle } from './browser';
import { live, page, type Page } from './page';
import { Server } from './server';

beforeEach(() => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});

/** A browser that counts the attempts to load the window; they succeed as long as `isThere`. */
function browser() {
  const made = Object.assign(new Browser(new Server()), { attempts: [] as number[], isThere: true });
  made.hasWindow = (attempt) => {
    made.attempts.push(attempt);
    return made.isThere;
  };
  return made;
}

const failure = (made: Page) => made.root.querySelector('.failure')?.textContent;

test('a page that nobody chats on loads no window', async () => {
  const from = browser();
  const made = page({}, from);
  await settle();
  expect(from.attempts).toEqual([]);
  expect(made.root.querySelector('.panel')).toBeNull();
  expect(made.find('.bubble').getAttribute('aria-label')).toBe('Open the chat');
});

test.each(['pointerenter', 'focus'])('%s at the bubble loads the window, and does not open it', async (name) => {
  const from = browser();
  const made = page({}, from);
  made.find('.bubble').dispatchEvent(new Event(name));
  await settle();
  expect(from.attempts).toEqual([0]);
  expect(made.all('.panel')).toEqual([]);
  await made.click('Open the chat');
  expect(from.attempts).toEqual([0]);
  expect(made.find('.panel')).toBeTruthy();
});

test('a stored chat loads the window at once, and so does a chat that another tab begins', async () => {
  const from = browser();
  const idle = page({}, from);
  await settle();
  expect(from.attempts).toEqual([]);
  await from.begin();
  await settle();
  expect(from.attempts).toEqual([0]);
  page({}, from);
  await settle();
  expect(from.attempts).toEqual([0, 0]);
  expect(idle.all('.panel')).toEqual([]);
});

test('a window that cannot be loaded is a notice at the bubble, and the next click tries again at another address', async () => {
  const from = browser();
  from.isThere = false;
  const made = page({}, from);
  await made.click('Open the chat');
  expect(failure(made)).toBe('The chat cannot be opened just now. Please try again.');
  expect(made.find('.bubble').getAttribute('aria-expanded')).toBe('false');
  from.isThere = true;
  await made.click('Open the chat');
  expect(from.attempts).toEqual([0, 1]);
  expect(failure(made)).toBe('');
  expect(made.root.activeElement).toBe(made.find('[name=friendlyName]'));
});

test('a failure before somebody asks for the window says nothing', async () => {
  const from = browser();
  from.isThere = false;
  const made = page({}, from);
  made.find('.bubble').dispatchEvent(new Event('pointerenter'));
  await settle();
  expect(from.attempts).toEqual([0]);
  expect(failure(made)).toBe('');
});

test('a window that takes too long counts as not loaded, and is not shown when it comes after all', async () => {
  const from = browser();
  const made = page({}, from);
  const tab = from.tabs[0]!;
  let arrive = () => {};
  const chunk = tab.deps.loadWindow(0);
  vi.spyOn(tab.deps, 'loadWindow').mockImplementationOnce(() => new Promise((resolve) => (arrive = () => resolve(chunk))));
  await made.click('Open the chat');
  expect(made.find('.bubble').getAttribute('aria-busy')).toBe('true');
  await from.clock.advance(20_000);
  expect(failure(made)).toContain('try again');
  expect(made.find('.bubble').getAttribute('aria-busy')).toBe('false');
  arrive();
  await settle();
  expect(made.root.querySelector('.panel')).toBeNull();
  await made.click('Open the chat');
  expect(made.all('.panel')).toHaveLength(1);
});

test('a call of the page before the window is there opens it later, unless the page takes it back', async () => {
  const made = page();
  made.webchat.open();
  expect(made.root.querySelector('.panel')).toBeNull();
  await settle();
  expect(made.find('.panel')).toBeTruthy();
  const other = page();
  other.webchat.open();
  other.webchat.close();
  await settle();
  expect(other.all('.panel')).toEqual([]);
});

test('messages are received, counted and kept while the window cannot be loaded', async () => {
  const made = await live();
  const { browser: same, server } = made;
  for (const tab of [...same.tabs]) tab.close();
  server.loseSockets();
  same.page.clear(); // another tab
  same.hasWindow = () => false;
  const counts: number[] = [];
  const other = page({}, same);
  other.webchat.on('unread', (count) => counts.push(count));
  await settle();
  server.says('agent-1', 'Hello');
  await settle();
  expect(counts).toEqual([1]);
  expect(other.find('.badge').textContent).toBe('1');
  expect(failure(other)).toBe('');
  same.hasWindow = () => true;
  await other.click('Open the chat');
  expect(other.all('.body').map((one) => one.textContent)).toEqual(['Hello']);
});

test('unsent text of an interrupted chat waits for the window, also over a reload', async () => {
  const made = await live();
  made.server.revoke();
  await made.say('not sent');
  expect(made.find('.panel').dataset['state']).toBe('interrupted');
  for (const hasWindow of [false, true]) {
    for (const tab of [...made.browser.tabs]) tab.close();
    made.browser.hasWindow = () => hasWindow;
    const again = page({}, made.browser);
    await settle();
    if (!hasWindow) expect(again.root.querySelector('.panel')).toBeNull();
    else expect(again.root.querySelector<HTMLTextAreaElement>('[name=query]')?.value).toBe('not sent');
  }
});

test('nothing of a guest is left in the tab when the session is removed and no window is there', async () => {
  const made = await live();
  made.type('.composer textarea', 'a draft');
  const { browser: same, server } = made;
  for (const tab of [...same.tabs]) tab.close();
  server.loseSockets();
  same.hasWindow = () => false;
  page({}, same);
  await settle();
  expect(same.page.getItem('parlour')).toContain('a draft');
  same.localStorage.clear();
  same.storageEvent();
  await same.clock.advance(2_000);
  expect(same.page.getItem('parlour') ?? '').not.toContain('a draft');
});

test('a chat that is removed while its window loads shows none', async () => {
  const made = page();
  made.webchat.open();
  made.webchat.destroy();
  await settle();
  expect(made.root.querySelector('.panel')).toBeNull();
});
