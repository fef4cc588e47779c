import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Notifications } from '../src/inbox/notifications';
import { conversation, message } from './inbox-page';

class Desktop {
  static permission = 'default';
  static asked = 0;
  static shown: Desktop[] = [];
  static answer = 'granted';
  onclick = () => {};
  isClosed = false;

  constructor(
    readonly title: string,
    readonly options: { body: string; tag: string },
  ) {
    Desktop.shown.push(this);
  }

  static async requestPermission(): Promise<string> {
    Desktop.asked++;
    Desktop.permission = Desktop.answer;
    return Desktop.answer;
  }

  close(): void {
    this.isClosed = true;
  }
}

let tones: number;
let opened: string[];
const written = conversation(1, { name: 'Ada', last_message: message(0, { body: 'Hello' }) });

beforeEach(() => {
  Object.assign(Desktop, { permission: 'default', asked: 0, shown: [], answer: 'granted' });
  tones = 0;
  opened = [];
  vi.useFakeTimers();
  vi.stubGlobal('Notification', Desktop);
  vi.stubGlobal('AudioContext', class {
    state = 'running';
    currentTime = 0;
    destination = {};
    createOscillator = () => ({ frequency: {}, connect: (next: object) => next, start: () => tones++, stop: () => {} });
    createGain = () => ({ gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: () => {} });
    close = async () => {};
  });
  vi.spyOn(document, 'hasFocus').mockReturnValue(false);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const made = () => new Notifications((sid) => opened.push(sid));

test('the desktop is asked for by a click only, and then shows who has written, until it is read', async () => {
  const notifications = made();
  notifications.notify(written, true);
  expect([Desktop.asked, Desktop.shown.length]).toEqual([0, 0]);
  notifications.desktop.element.click();
  await vi.runAllTimersAsync();
  expect(Desktop.asked).toBe(1);
  notifications.notify(written, false);
  expect(Desktop.shown.map(({ title, options }) => [title, options.body])).toEqual([['Ada', 'Hello']]);
  Desktop.shown[0]?.onclick();
  expect(opened).toEqual([written.conversation_sid]);
  notifications.notify(written, false);
  notifications.withdraw(written.conversation_sid);
  expect(Desktop.shown[1]?.isClosed).toBe(true);
});

test('a browser that refuses leaves the switch off and says so', async () => {
  Desktop.answer = 'denied';
  const notifications = made();
  notifications.desktop.element.click();
  await vi.runAllTimersAsync();
  expect(notifications.desktop.isOn).toBe(false);
  expect(notifications.status.textContent).toContain('does not allow');
});

test('a permission that the browser kept is used, unless the agent switches it off; a window with the focus needs none', () => {
  Desktop.permission = 'granted';
  const notifications = made();
  notifications.notify(written, false);
  expect(Desktop.shown).toHaveLength(1);
  vi.mocked(document.hasFocus).mockReturnValue(true);
  notifications.notify(written, false);
  vi.mocked(document.hasFocus).mockReturnValue(false);
  notifications.desktop.element.click();
  notifications.notify(written, false);
  expect(Desktop.shown).toHaveLength(1);
  expect(Desktop.asked).toBe(0);
});

test('many messages make one sound in a while, and none after the switch', () => {
  const notifications = made();
  for (let i = 0; i < 5; i++) notifications.notify(written, false);
  expect(tones).toBe(2);
  vi.advanceTimersByTime(3_000);
  notifications.notify(written, false);
  expect(tones).toBe(4);
  vi.advanceTimersByTime(3_000);
  notifications.sound.element.click();
  notifications.notify(written, false);
  expect(tones).toBe(4);
});

test('new conversations are announced, many of them at once', async () => {
  const notifications = made();
  notifications.notify(written, true);
  await vi.advanceTimersByTimeAsync(0);
  expect(notifications.status.textContent).toBe('New conversation: Ada');
  for (let i = 0; i < 3; i++) notifications.notify(written, true);
  await vi.advanceTimersByTimeAsync(2_900);
  expect(notifications.status.textContent).toBe('New conversation: Ada');
  await vi.advanceTimersByTimeAsync(100);
  expect(notifications.status.textContent).toBe('3 new conversations');
});

test('unread messages are counted in the title, and marked in the icon', () => {
  document.head.innerHTML = '<link rel="icon" href="/icon.svg">';
  const icon = () => document.querySelector('link')?.getAttribute('href');
  const notifications = made();
  notifications.count(3);
  expect([document.title, icon()]).toEqual(['(3) Inbox – Parlour', '/icon-unread.svg']);
  notifications.end();
  expect([document.title, icon()]).toEqual(['Inbox – Parlour', '/icon.svg']);
});
