import { expect, test } from 'vitest';
import { Conversation } from '../src/widget/conversation';
import { message } from './server';

const SESSION = { token: 't', expiration: '', identity: 'guest-1', conversationSid: 'CH1', loginTimestamp: '1' };

test('a copy with a hole in it is used from the hole on', () => {
  const conversation = new Conversation(SESSION);
  conversation.recall({ readUpTo: -1, messages: [0, 1, 4, 5].map((index) => message({ index })), outbox: [], revision: 7 });
  expect(conversation.first).toBe(4);
  expect(conversation.last).toBe(5);
  expect(conversation.hasOlder).toBe(true);
});

test('a copy of which nobody knows how far it is right is not used, but what waits is sent', () => {
  const conversation = new Conversation(SESSION);
  conversation.recall({ readUpTo: -1, messages: [message({})], outbox: [{ clientId: 'a', conversation: 'CH1', body: 'a' }], revision: -1 });
  expect(conversation.last).toBe(-1);
  expect(conversation.next()?.clientId).toBe('a');
});

test('what another tab has sent stays on the screen and is not sent again', () => {
  const conversation = new Conversation(SESSION);
  conversation.queue([{ clientId: 'a', conversation: 'CH1', body: 'a', order: 1 }]);
  conversation.queue([]);
  expect(conversation.next()).toBeUndefined();
  expect(conversation.lines(true)).toMatchObject([{ is: 'waiting', outgoing: { clientId: 'a' } }]);
  conversation.add([message({ index: 0, author: 'guest-1', client_id: 'a' })]);
  expect(conversation.lines(true)).toMatchObject([{ is: 'sent' }]);
});

test('what was never kept is sent by the tab that has it', () => {
  const conversation = new Conversation(SESSION);
  conversation.push({ clientId: 'a', conversation: 'CH1', body: 'a' });
  conversation.queue([]);
  expect(conversation.next()?.clientId).toBe('a');
});
