import { expect, test } from 'vitest';
import { Conversation } from '../src/widget/conversation';
import { Current } from '../src/widget/current';
import { Browser, rows, settle, Tab } from './browser';
import { KEY, message, Server } from './server';

function conversation(sid: string): Conversation {
  return new Conversation({ token: 't', expiration: '', identity: 'guest-1', conversationSid: sid, loginTimestamp: '1' });
}

function current(): Current {
  return new Current(new Tab(new Browser(new Server()), KEY).deps, () => {});
}

test('work for a conversation that the tab has left changes neither its state nor what is stored', async () => {
  const tab = current();
  const [left, entered] = [conversation('CH1'), conversation('CH2')];
  tab.enter(left);
  tab.enter(entered);
  tab.become({ is: 'live', of: left });
  tab.interrupt(left, { code: 45775, reference: 'x', isKeyLost: false });
  tab.close(left, 1);
  await tab.take(left, [message({ index: 0 })]);
  await tab.remove(left);
  await settle();
  expect(tab.state).toEqual({ is: 'resuming', of: entered });
  expect(await rows()).toEqual([]);
});

test('an interrupted conversation stays interrupted, and still takes the answers of earlier calls', async () => {
  const tab = current();
  const c = conversation('CH1');
  tab.enter(c);
  tab.interrupt(c, { code: 45775, reference: 'x', isKeyLost: false });
  tab.become({ is: 'live', of: c });
  await tab.take(c, [message({ index: 0 })]);
  expect(tab.state.is).toBe('interrupted');
  expect(c.lines(false)).toHaveLength(1);
});
