import { expect, test, vi } from 'vitest';
import { settle } from './browser';
import { live, page } from './page';

test('a page receives states, unread messages and interruptions, until it removes its listener', async () => {
  const made = await live();
  const received: unknown[] = [];
  const stop = made.webchat.on('state', (state) => received.push(state));
  made.webchat.on('unread', (count) => received.push(count));
  made.webchat.on('interrupted', (why) => received.push(why));
  made.webchat.close();
  made.server.says('agent-1', 'Hello');
  await settle();
  made.server.revoke();
  made.server.loseSockets();
  await made.browser.clock.advance(2_000);
  expect(received).toEqual([1, 'reconnecting', 'interrupted', { code: 45775, reference: 'f4b8e8ef3cb4' }]);
  stop();
  await made.webchat.reset();
  expect(received.slice(4)).toEqual([0]);
});

test('a page opens and closes the window, ends the chat and begins anew', async () => {
  const made = await live();
  made.webchat.close();
  expect(made.all('.panel')).toEqual([]);
  made.webchat.open();
  expect(made.find('.panel')).toBeTruthy();
  expect(await made.webchat.end()).toBe(true);
  expect(made.find('.panel').dataset['state']).toBe('ended');
  await made.webchat.reset();
  expect(made.find('.panel').dataset['state']).toBe('idle');
  expect(made.browser.stored()).toEqual({ identity: 'guest-1' });
});

test('appStatus open shows the window at once, and asks nothing by it', async () => {
  const made = page({ appStatus: 'open' });
  await settle();
  expect(made.find('.panel')).toBeTruthy();
  expect(made.server.calls).toEqual([]);
  expect(made.browser.localStorage.length).toBe(0);
});

test('a listener of the page that fails stops nothing', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const made = await live();
  const received: number[] = [];
  made.webchat.on('unread', () => {
    throw new Error('of the page');
  });
  made.webchat.on('unread', (count) => received.push(count));
  made.webchat.close();
  made.server.says('agent-1', 'Hello');
  await settle();
  expect(received).toEqual([1]);
  expect(logged).toHaveBeenCalledOnce();
});

test('an event that there is not is an error that names those that there are', async () => {
  const made = page();
  expect(() => made.webchat.on('opened' as 'state', () => {})).toThrow('there is no event opened; there are unread, state, interrupted');
});
