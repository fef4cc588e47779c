import { expect, test, vi } from 'vitest';
import { Conversation } from '../src/inbox/conversation';
import { InboxApp } from '../src/inbox/inbox-app';
import { Outbox } from '../src/inbox/outbox';
import { settle } from './browser';
import { Notifications } from '../src/inbox/notifications';
import { BEN, conversation, ME, message, opened, team, UNUSED, withHeight } from './inbox-page';

const PAGE = 50;

test('event of an old conversation leave none out when the list goes on', async () => {
  const restore = withHeight(100_000);
  let receive = (_event: object) => {};
  vi.stubGlobal('WebSocket', class {
    set onmessage(listener: (event: { data: string }) => void) {
      receive = (event) => listener({ data: JSON.stringify(event) });
    }
    send() {}
    close() {}
  });
  const all = Array.from({ length: 2 * PAGE + 20 }, (_, number) => conversation(number));
  vi.stubGlobal('fetch', async (path: string) => {
    if (path.endsWith('/agents')) return new Response('{"agents":[]}');
    if (path.includes('list=waiting')) return new Response(JSON.stringify({ conversations: [], next: null }));
    const after = new URL(path, 'https://desk.example').searchParams.get('after')?.split('_')[1];
    const begins = after ? all.findIndex((one) => one.conversation_sid === after) + 1 : 0;
    const conversations = all.slice(begins, begins + PAGE);
    const last = conversations.at(-1);
    return new Response(JSON.stringify({ conversations, next: last && begins + PAGE < all.length ? `${last.date_active}_${last.conversation_sid}` : null }));
  });
  const app = new InboxApp(ME, () => {}, () => {});
  document.body.replaceChildren(app.element);
  app.start();
  [...app.element.querySelectorAll<HTMLElement>('.tabs button')].find((tab) => tab.textContent === 'All')?.click();
  await settle();
  const listed = () => [...app.element.querySelectorAll<HTMLElement>('.item')].map((item) => item.dataset['sid']);
  expect(listed()).toHaveLength(PAGE);
  receive({ type: 'conversation', conversation: conversation(110, { revision: 2 }) });
  receive({ type: 'conversation', conversation: conversation(3, { revision: 2, unread: 1 }) });
  await vi.waitFor(() => expect(document.title).toContain('(1)'));
  for (const seen of [2 * PAGE, all.length]) {
    app.element.querySelector<HTMLElement>('.more')?.click();
    await settle();
    expect(listed()).toEqual(all.slice(0, seen).map((one) => one.conversation_sid));
  }
  receive({ type: 'signed_out' });
  vi.unstubAllGlobals();
  restore();
});

test('other desks than before are shown at once, and a conversation that is out of sight is closed', async () => {
  const restore = withHeight(100_000);
  let receive = (_event: object) => {};
  vi.stubGlobal('WebSocket', class {
    set onmessage(listener: (event: { data: string }) => void) {
      receive = (event) => listener({ data: JSON.stringify(event) });
    }
    send() {}
    close() {}
  });
  let all = [conversation(1), conversation(2)];
  vi.stubGlobal('fetch', async (path: string) => {
    if (path.endsWith('/agents')) return new Response('{"agents":[]}');
    if (path.includes('/conversations?')) return new Response(JSON.stringify({ conversations: all, next: null }));
    const one = all.find(({ conversation_sid }) => path.endsWith(conversation_sid));
    if (one) return new Response(JSON.stringify(opened(one)));
    return path.includes('/changes') || path.includes('/notes') ? new Response('{"messages":[],"participants":[],"notes":[],"revision":1,"more":false}') : new Response('{}', { status: 404 });
  });
  const app = new InboxApp(ME, () => {}, () => {});
  document.body.replaceChildren(app.element);
  app.start();
  [...app.element.querySelectorAll<HTMLElement>('.tabs button')].find((tab) => tab.textContent === 'All')?.click();
  await settle();
  const listed = () => [...app.element.querySelectorAll<HTMLElement>('.item')].map((item) => item.dataset['sid']);
  expect(listed()).toHaveLength(2);
  app.element.querySelector<HTMLElement>('.item')?.click();
  await settle();
  expect(app.element.querySelector('.who h2')?.textContent).toBe('Guest 1');
  all = [conversation(2)];
  receive({ type: 'desks' });
  await settle();
  expect(listed()).toEqual([conversation(2).conversation_sid]);
  expect(app.element.querySelector('.place')?.textContent).toBe('Choose a conversation from the list.');
  expect(app.element.querySelector('.note[role=alert]')?.textContent).toBe('This is no longer there, or not for you.');
  receive({ type: 'signed_out' });
  vi.unstubAllGlobals();
  restore();
});

test('Enter sends a reply, but not the Enter that ends a composed word, in the order of any browser', async () => {
  const replies: unknown[] = [];
  vi.stubGlobal('fetch', async (path: string, call?: RequestInit) => {
    if (path.endsWith('/messages')) replies.push(JSON.parse(String(call?.body)).body);
    return new Response('{}');
  });
  const outbox = Outbox.of(ME.identity);
  outbox.begin(() => {}, () => {});
  const { element } = new Conversation('CH1', ME, team(), outbox, UNUSED);
  document.body.replaceChildren(element);
  const field = element.querySelector('textarea') as HTMLTextAreaElement;
  const enter = (more: KeyboardEventInit) =>
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...more }));
  field.value = 'こんにちは';
  enter({ isComposing: true }); // Chromium, Firefox
  enter({ keyCode: 229 }); // Safari
  enter({ shiftKey: true });
  await settle();
  expect(replies).toEqual([]);
  enter({});
  await settle();
  expect(replies).toEqual(['こんにちは']);
  vi.unstubAllGlobals();
});

test('a lost network is reported at once, though the socket stays open, and the return connects at once', async () => {
  const sockets: Silent[] = [];
  class Silent {
    onmessage: ((event: { data: string }) => void) | null = null;
    constructor() {
      sockets.push(this);
    }
    send() {}
    close() {} // as without a network: no event comes for a long time
  }
  vi.stubGlobal('WebSocket', Silent);
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ conversations: [], next: null })));
  const app = new InboxApp(ME, () => {}, () => {});
  document.body.replaceChildren(app.element);
  app.start();
  const welcome = () => sockets.at(-1)?.onmessage?.({ data: '{"type":"welcome"}' });
  const notice = app.element.querySelector<HTMLElement>('.note[role=status]');
  welcome();
  expect(notice?.hidden).toBe(true);
  dispatchEvent(new Event('offline'));
  expect(notice?.hidden).toBe(false);
  expect(notice?.textContent).toContain('Connection lost');
  dispatchEvent(new Event('online'));
  expect(sockets).toHaveLength(2);
  welcome();
  expect(notice?.hidden).toBe(true);
  sockets.at(-1)?.onmessage?.({ data: '{"type":"signed_out"}' });
  await settle();
  vi.unstubAllGlobals();
});

test('typing is no longer shown once the message of its author has arrived, and stays for others', async () => {
  const participant = (identity: string) => ({ sid: `MB${identity}`, identity, name: identity, revision: 1 });
  const message = (author: string, revision: number) => ({
    index: revision, revision, author, author_name: author, body: 'Hello', client_id: null, date_created: '2025-11-22T12:00:00Z',
  });
  const arriving: object[] = [];
  vi.stubGlobal('fetch', async (path: string) => {
    if (path.includes('/notes')) return new Response('{"notes":[],"more":false}');
    if (path.includes('/changes')) {
      const messages = arriving.splice(0);
      return new Response(JSON.stringify({ messages, participants: [], revision: messages.length ? 2 : 1, more: false }));
    }
    return new Response(JSON.stringify(opened(conversation(1))));
  });
  const me = { ...ME, name: 'bob', identity: 'agent-bob' };
  const outbox = Outbox.of(me.identity);
  outbox.begin(() => {}, () => {});
  const open = new Conversation(conversation(1).conversation_sid, me, team(), outbox, UNUSED);
  document.body.replaceChildren(open.element);
  await open.load();
  const typing = () => open.element.querySelector('.typing')?.textContent;
  open.types(participant('ann') as never);
  expect(typing()).toBe('ann is typing…');
  arriving.push(message('carl', 2));
  await open.changed(conversation(1, { revision: 2 }));
  expect(typing()).toBe('ann is typing…');
  arriving.push(message('ann', 3));
  await open.changed(conversation(1, { revision: 3 }));
  expect(typing()).toBe('');
  vi.unstubAllGlobals();
});

test('the open conversation says that its session is bound to a key, as long as the guest can write', async () => {
  const { session } = conversation(1);
  for (const [state, bound, shown] of [['live', true, true], ['live', false, false], ['expired', true, false]] as const) {
    const summary = conversation(1, { session: { ...session, state, bound } });
    vi.stubGlobal('fetch', async (path: string) => new Response(JSON.stringify(path.includes('/notes') ? { notes: [], more: false } : path.includes('/changes')
      ? { revision: 1, messages: [], participants: [], more: false }
      : opened(summary))));
    const open = new Conversation(summary.conversation_sid, ME, team(), Outbox.of(ME.identity), UNUSED);
    await open.load();
    const mark = open.element.querySelector<HTMLElement>('.bound');
    expect(mark?.hidden, `${state} ${bound}`).toBe(!shown);
    expect(mark?.textContent).toContain('Bound to a key');
  }
  vi.unstubAllGlobals();
});

test('a closed conversation offers to reopen it until its time is over, also by a key, whatever time the agent’s clock has', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  const reopened: string[] = [];
  const closed = conversation(1, { state: 'closed', reopenable_for: 60 });
  vi.stubGlobal('fetch', async (path: string) => {
    if (path.endsWith('/reopen')) reopened.push(path);
    return new Response('{"messages":[],"participants":[],"notes":[],"revision":1,"more":false}');
  });
  const outbox = Outbox.of(ME.identity);
  outbox.begin(() => {}, () => {});
  const open = new Conversation(closed.conversation_sid, ME, team(), outbox, UNUSED);
  document.body.replaceChildren(open.element);
  const button = [...open.element.querySelectorAll('button')].find((one) => one.textContent === 'Reopen conversation') as HTMLElement;
  await open.changed(closed);
  expect(button.hidden).toBe(false);
  button.click();
  open.reopen();
  expect(reopened).toHaveLength(2);
  vi.setSystemTime(Date.now() + 86_400_000);
  open.replied();
  expect(button.hidden).toBe(false);
  expect(open.element.textContent).toContain('You can reopen it until');
  vi.advanceTimersByTime(60_000);
  open.replied();
  expect(button.hidden).toBe(true);
  expect(open.element.textContent).toContain('the time to reopen it is over');
  await open.changed({ ...closed, revision: 2, reopenable_for: 60 });
  expect(button.hidden).toBe(false);
  await open.changed({ ...closed, revision: 3, reopenable_for: null });
  expect(button.hidden).toBe(true);
  open.reopen();
  await open.changed({ ...closed, revision: 4, state: 'active', reopenable_for: null });
  expect(button.hidden).toBe(true);
  open.reopen();
  expect(reopened).toHaveLength(2);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a screen reader reads out each reply of its agent once, and no older messages', async () => {
  let answered = (_response: Response) => {};
  const mine = message(1, { author: ME.identity, author_kind: 'agent', author_name: ME.display_name, body: 'Hello' });
  vi.stubGlobal('fetch', async (path: string, call?: RequestInit) => {
    if (path.endsWith('/messages') && call?.body) return new Promise<Response>((answer) => (answered = (response) => answer(response)));
    if (path.includes('/messages?')) return new Response(JSON.stringify({ messages: [message(-1)], has_more: false }));
    if (path.includes('/changes')) return new Response('{"revision":3,"messages":[],"participants":[],"more":false}');
    if (path.includes('/notes')) return new Response('{"notes":[],"more":false}');
    return new Response(JSON.stringify(opened(conversation(1), { messages: [message(0)], has_more: true })));
  });
  const outbox = Outbox.of('agent of one voice');
  const open = new Conversation(conversation(1).conversation_sid, ME, team(), outbox, UNUSED);
  outbox.begin((_, arrived) => open.replied(arrived), () => {});
  document.body.replaceChildren(open.element);
  const log = open.element.querySelector('[role=log]') as HTMLElement;
  expect(log.getAttribute('aria-busy')).toBe('true');
  await open.load();
  await vi.waitFor(() => expect(log.hasAttribute('aria-busy')).toBe(false));
  outbox.add(open.sid, 'Hello');
  const bodyOf = () => [...log.querySelectorAll('.line')].at(-1)?.querySelector('.body');
  const [line, body] = [[...log.querySelectorAll('.line')].at(-1), bodyOf()];
  await settle();
  const added: string[] = [];
  const watch = new MutationObserver((records) => records.forEach(({ addedNodes }) => added.push(...[...addedNodes].map((one) => one.textContent ?? ''))));
  watch.observe(log, { childList: true, subtree: true });
  answered(new Response(JSON.stringify({ ...mine, client_id: outbox.waiting(open.sid)[0]?.clientId }), { status: 201 }));
  await settle();
  expect([...log.querySelectorAll('.line')].at(-1)).toBe(line);
  expect(bodyOf()).toBe(body);
  expect(added.filter((text) => text.includes('Hello'))).toEqual([]);
  const busy: (string | null)[] = [];
  new MutationObserver(() => busy.push(log.getAttribute('aria-busy'))).observe(log.querySelector('ol')!, { childList: true });
  log.querySelector<HTMLElement>('.more')?.click();
  await settle();
  expect(new Set(busy)).toEqual(new Set(['true']));
  await vi.waitFor(() => expect(log.hasAttribute('aria-busy')).toBe(false));
  outbox.pause();
  open.end();
  vi.unstubAllGlobals();
});

test('the focus of an agent who closes, reopens or claims by a button goes to where they go on, and the question is read out', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('fetch', async () => new Response('{"messages":[],"participants":[],"notes":[],"revision":1,"more":false}'));
  const one = conversation(1);
  const outbox = Outbox.of('agent of the focus');
  const open = new Conversation(one.conversation_sid, ME, team(), outbox, UNUSED);
  document.body.replaceChildren(open.element);
  const button = (name: string) => [...open.element.querySelectorAll('button')].find((each) => each.textContent === name) as HTMLButtonElement;
  const spoken = () => [...open.element.querySelectorAll('[role=status].spoken')].map((each) => each.textContent).join('');
  const field = open.element.querySelector('textarea') as HTMLTextAreaElement;
  await open.changed(one);
  button('Claim').focus();
  await open.changed({ ...one, revision: 2, assignee: ME.identity });
  expect(document.activeElement).toBe(field);
  expect(spoken()).toContain('Assigned to you');
  open.askToClose();
  expect(spoken()).toContain('Press E again to close');
  vi.advanceTimersByTime(5_000);
  expect(spoken()).not.toContain('Press E again');
  button('Close conversation').focus();
  await open.changed({ ...one, revision: 3, assignee: ME.identity, state: 'closed', reopenable_for: 60 });
  expect(document.activeElement).toBe(button('Reopen conversation'));
  await open.changed({ ...one, revision: 4, assignee: ME.identity });
  expect(document.activeElement).toBe(field);
  field.value = 'half a sent';
  field.dispatchEvent(new Event('input'));
  await open.changed({ ...one, revision: 5, assignee: ME.identity, state: 'closed', reopenable_for: 60 }); // by the guest
  expect(document.activeElement).toBe(field);
  expect([field.value, field.readOnly, open.element.querySelector<HTMLElement>('.composer')?.hidden]).toEqual(['half a sent', true, false]);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a message in a conversation that a colleague has makes no sound', async () => {
  const ring = vi.spyOn(Notifications.prototype, 'notify').mockImplementation(() => {});
  let receive = (_event: object) => {};
  vi.stubGlobal('WebSocket', class {
    set onmessage(listener: (event: { data: string }) => void) {
      receive = (event) => listener({ data: JSON.stringify(event) });
    }
    send() {}
    close() {}
  });
  vi.stubGlobal('fetch', async (path: string) => new Response(JSON.stringify(path.endsWith('/agents') ? { agents: [ME, BEN] } : { conversations: [], next: null })));
  const app = new InboxApp(ME, () => {}, () => {});
  app.start();
  await settle();
  [BEN.identity, ME.identity, null, 'agent-auditor'].forEach((assignee, at) => {
    receive({ type: 'conversation', conversation: conversation(at, { name: String(assignee), assignee, unread: 1, last_message: message(0) }) });
  });
  expect(ring.mock.calls.map(([one]) => one.name)).not.toContain(BEN.identity);
  expect(ring.mock.calls.map(([one]) => one.name)).toEqual(expect.arrayContaining([ME.identity, 'null']));
  receive({ type: 'signed_out' });
  vi.unstubAllGlobals();
});
