import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Browser, settle } from './browser';
import { live, page, prefersDark, type Page } from './page';
import { attached, message, Server } from './server';
import { wire } from './wire';

beforeEach(() => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});

describe('the form before the chat', () => {
  test('asks for a name and a question, and sends both', async () => {
    const { server, type, click, find } = await opened();
    type('[name=friendlyName]', ' Ada ');
    type('[name=query]', 'Is it open?');
    await click('Start chat');
    expect(server.calls[0]?.body).toMatchObject({
      customerFriendlyName: 'Ada',
      preEngagementData: '{"location":"https://shop.example.com/","language":"en","friendlyName":"Ada"}',
      firstMessage: 'Is it open?',
    });
    expect(find('.panel').dataset['state']).toBe('live');
  });

  test('is not sent without what is required, says which field, and goes there', async () => {
    const { server, click, find, root } = await opened();
    await click('Start chat');
    expect(find('.start [role=alert]').textContent).toBe('Your name: please fill this in');
    const name = find('[name=friendlyName]');
    expect(name.getAttribute('aria-invalid')).toBe('true');
    expect(root.getElementById(name.getAttribute('aria-describedby') ?? '')?.textContent).toContain('Your name');
    expect(root.activeElement).toBe(name);
    expect(server.calls).toEqual([]);
  });

  test('has the fields that the page names, filled in as it says; the guest has the last word', async () => {
    const made = await opened({
      preEngagement: {
        fields: [
          { name: 'friendlyName', label: 'Name', value: 'Ada' },
          { name: 'email', label: 'E-mail', type: 'email' },
          { name: 'orderNumber', label: 'Order', value: '4711' },
        ],
      },
      context: { page: '/teas', orderNumber: 'of the page' },
    });
    expect(made.all('.start label').map((label) => label.textContent)).toEqual(['Name', 'E-mail', 'Order']);
    made.type('[name=orderNumber]', '4712');
    await made.click('Start chat');
    expect(JSON.parse(made.server.calls[0]?.body['preEngagementData'] ?? '')).toEqual({
      location: 'https://shop.example.com/',
      language: 'en',
      page: '/teas',
      friendlyName: 'Ada',
      orderNumber: '4712',
    });
  });

  test('may be skipped where the page allows it', async () => {
    const made = await opened({ preEngagement: { skip: true }, context: { page: '/teas' }, location: false });
    await made.click('Skip');
    expect(made.server.calls[0]?.body).toMatchObject({ customerFriendlyName: '', preEngagementData: '{"language":"en","page":"/teas"}' });
    expect(made.find('.composer')).toBeTruthy();
  });

  test('is left out where the page says so: opening begins the chat', async () => {
    const made = await opened({ preEngagement: false, context: { friendlyName: 'Ada' } });
    await settle();
    expect(made.server.calls[0]?.body['customerFriendlyName']).toBe('Ada');
    expect(made.find('.panel').dataset['state']).toBe('live');
  });

  describe('the address of the page', () => {
    const sent = (made: Page) => made.server.calls.filter(({ path }) => path === 'Init').map(({ body }) => JSON.parse(String(body['preEngagementData'])) as Record<string, unknown>);
    afterEach(() => history.replaceState(null, '', '/'));

    test('is sent without its query and its fragment, which can have secrets', async () => {
      history.replaceState(null, '', '/cart/7?token=secret#access=secret');
      const made = await opened({ preEngagement: { skip: true } });
      await made.click('Skip');
      expect(sent(made)).toEqual([{ location: 'https://shop.example.com/cart/7', language: 'en' }]);
    });

    test('is not sent if the page forbids it, and gives way to what the page passes itself', async () => {
      const forbidden = await opened({ preEngagement: { skip: true }, location: false });
      await forbidden.click('Skip');
      expect(sent(forbidden)).toEqual([{ language: 'en' }]);
      const own = await opened({ preEngagement: { skip: true }, context: { location: 'the shop' } });
      await own.click('Skip');
      expect(sent(own)).toEqual([{ location: 'the shop', language: 'en' }]);
    });

    test('makes no chat fail: one that is too long, or beside data that is, is left out', async () => {
      const large = { data: 'x'.repeat(16 * 1024 - 20) };
      const made = await opened({ preEngagement: { skip: true }, context: large });
      await made.click('Skip');
      expect(sent(made)).toEqual([large]);
      history.replaceState(null, '', `/${'a'.repeat(2048)}`);
      const long = await opened({ preEngagement: { skip: true } });
      await long.click('Skip');
      expect(sent(long)).toEqual([{ language: 'en' }]);
    });

    test('stays the same while a start is repeated: from another page, too, it is the same start', async () => {
      history.replaceState(null, '', '/first');
      const made = await opened({ preEngagement: { skip: true } });
      made.server.fault = () => wire('init-unavailable').answer();
      await made.click('Skip');
      history.replaceState(null, '', '/second');
      await made.click('Skip');
      expect(sent(made)).toEqual(Array(2).fill({ location: 'https://shop.example.com/first', language: 'en' }));
      const keys = made.server.calls.filter(({ path }) => path === 'Init').map(({ body }) => body['idempotencyKey']);
      expect(new Set(keys).size).toBe(1);
    });
  });

  test('says by its code what the page must put right, and keeps what was filled in', async () => {
    const made = await opened();
    made.server.fault = () => wire('init-unknown-deployment-key').answer();
    made.type('[name=friendlyName]', 'Ada');
    await made.click('Start chat');
    expect(made.find('.start [role=alert]').textContent).toContain('45778');
    expect(made.find<HTMLInputElement>('[name=friendlyName]').value).toBe('Ada');
    made.server.fault = () => 'request lost';
    await made.click('Start chat');
    expect(made.find('.start [role=alert]').textContent).toContain('try again');
  });
});

describe('a message', () => {
  test('is shown as text and never as markup, from any author', async () => {
    const evil = '<img src=x onerror="alert(1)"><b>bold</b>&lt;i&gt;';
    const made = await live({ texts: { title: evil } });
    await made.say(evil);
    made.server.says('agent-1', evil);
    made.server.messages.push(message({ index: 2, author_name: evil, revision: ++made.server.revision }));
    made.server.notify({ type: 'message', revision: made.server.revision, change: 'added', message: made.server.messages[2]! });
    made.server.notify({ type: 'typing', participant: { ...made.server.participants[0]!, identity: 'a', name: evil } });
    await settle();
    expect(made.root.querySelectorAll('img,b,i,script')).toHaveLength(0);
    expect(made.all('.body').map((one) => one.textContent).slice(0, 2)).toEqual([evil, evil]);
    expect(made.find('.typing').textContent).toBe(`${evil} is typing…`);
    expect(made.find('h2').textContent).toBe(evil);
    for (const element of made.root.querySelectorAll('*')) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on/);
    }
  });

  test('shows the names of its files if the code that shows them cannot be loaded', async () => {
    const made = await live();
    made.browser.hasFiles = () => false;
    made.server.messages.push(message({ body: '', media: [attached({ filename: '<b>.png' }), attached({ filename: 'list.txt' })], revision: ++made.server.revision }));
    made.server.notify({ type: 'message', revision: made.server.revision, change: 'added', message: made.server.messages[0]! });
    await settle();
    expect(made.all('.body').map((one) => one.textContent)).toEqual(['<b>.png\nlist.txt']);
  });

  test('may be very long, right to left, or emoji', async () => {
    const made = await live();
    for (const text of ['x'.repeat(5_000), 'שלום עולם', '👩‍👩‍👧‍👦🏳️‍🌈', 'a\n  b']) {
      await made.say(text);
      const body = made.all('.body').at(-1);
      expect(body?.textContent).toBe(text);
      expect(body?.dir).toBe('auto');
    }
    expect(made.server.messages.at(-1)?.body).toBe('a\n  b');
  });

  test('shows in the words of the page that the chat is full', async () => {
    const made = await live({ texts: { failed: 'Nicht gesendet', full: 'Dieser Chat ist voll.' } });
    made.server.fault = (call) => (call.path === 'Messages' ? wire('messages-send-full').answer() : undefined);
    await made.say('one');
    expect(made.find('.line.failed .status').textContent).toBe('Nicht gesendet. Dieser Chat ist voll.');
  });

  test('shows whether it is on its way, there, seen, or not sent and why', async () => {
    const made = await live();
    made.server.fault = (call) => (call.method === 'POST' ? 'request lost' : undefined);
    await made.say('one');
    expect(made.find('.line.waiting .status').textContent).toBe('Sending…');
    made.server.fault = () => undefined;
    await made.browser.clock.advance(10_000);
    expect(made.find('.line.mine .status').textContent).toBe('Sent');
    made.server.meet({ identity: 'agent-1', read_index: 0 });
    await settle();
    expect(made.find('.line.mine .status').textContent).toBe('Seen');
    made.server.fault = (call) => (call.path === 'Messages' ? wire('too-large').answer() : undefined);
    await made.say('two');
    expect(made.find('.line.failed .status').textContent).toBe('Not sent. Reference: 45770');
    made.server.fault = () => undefined;
    await made.click('Send again');
    expect(made.server.messages.map((one) => one.body)).toEqual(['one', 'two']);
    expect(made.all('.line.failed')).toEqual([]);
  });

  test('keeps its element when it is sent, so that it is not read out twice', async () => {
    const made = await live();
    made.server.fault = (call) => (call.method === 'POST' ? 'request lost' : undefined);
    await made.say('one');
    const before = [made.find('.line'), made.find('.body')];
    made.server.fault = () => undefined;
    await made.browser.clock.advance(10_000);
    expect([made.find('.line'), made.find('.body')]).toEqual(before);
  });

  test('under one id by two authors is two lines', async () => {
    const made = await live();
    await made.say('mine');
    made.server.says('agent-1', 'theirs', made.server.messages[0]?.client_id);
    await settle();
    expect(made.all('.body').map((one) => one.textContent)).toEqual(['mine', 'theirs']);
  });

  test('and removed is gone, and changed is changed', async () => {
    const made = await live();
    made.server.says('agent-1', 'wrong');
    made.server.says('agent-1', 'secret');
    await settle();
    made.server.change(0, { body: 'right' });
    made.server.change(1, { body: '', removed: true });
    await settle();
    expect(made.all('.body').map((one) => one.textContent)).toEqual(['right']);
  });

  test('too long is not sent, says so, and stays in the field', async () => {
    const made = await live();
    const long = 'ü'.repeat(16 * 1024 + 1); // 32 KiB and 2 bytes
    const before = made.server.count('Messages');
    await made.say(long);
    expect(made.find('.composer [role=alert]').textContent).toContain('too long');
    expect(made.find<HTMLTextAreaElement>('.composer textarea').value).toBe(long);
    expect(made.find('.composer textarea').hasAttribute('maxlength')).toBe(false);
    expect(made.server.count('Messages')).toBe(before);
    await made.say('ü'.repeat(16 * 1024));
    expect(made.find('.composer [role=alert]').textContent).toBe('');
    expect(made.server.messages).toHaveLength(1);
  });
});

test('the focus is left to the page, unless it is in the chat', async () => {
  const made = page({ appStatus: 'open' });
  const search = document.createElement('input');
  document.body.append(search);
  await settle();
  expect(made.find('.panel')).toBeTruthy();
  expect(made.root.activeElement).toBeNull();
  await made.click('Close');
  await made.click('Open the chat');
  made.type('[name=friendlyName]', 'Ada');
  await made.click('Start chat');
  search.focus();
  made.server.close();
  await settle();
  expect(document.activeElement).toBe(search);
});

describe('a screen reader', () => {
  test('finds a dialog with a name, a log that speaks, and names for all that can be used', async () => {
    const made = await live();
    const panel = made.find('[role=dialog]');
    expect(made.root.getElementById(panel.getAttribute('aria-labelledby') ?? '')?.textContent).toBe('Chat with us');
    const log = made.find('[role=log]');
    expect(log.getAttribute('aria-live')).toBe('polite');
    expect(log.getAttribute('aria-label')).toBe('Conversation');
    expect(log.tabIndex).toBe(0);
    expect(made.find('.typing').getAttribute('role')).toBe('status');
    await made.click('More');
    for (const button of made.all('button')) {
      expect(button.getAttribute('aria-label') ?? button.textContent).toMatch(/\w/);
      const { id = '' } = made.root.getElementById(button.getAttribute('aria-describedby') ?? '') ?? {};
      expect(id).toBe(button.getAttribute('aria-describedby') ?? '');
      expect(button.getAttribute('type')).toMatch(/^(button|submit)$/);
    }
    for (const field of made.all('input,textarea')) {
      expect(field.getAttribute('aria-label') ?? field.closest('label')?.textContent).toMatch(/\w/);
    }
  });

  test('announces an interruption at once, and a lost connection politely', async () => {
    const made = await live();
    made.server.loseSockets();
    await settle();
    expect(made.find('.banner').getAttribute('role')).toBe('status');
    expect(made.find('.banner').textContent).toContain('Connection lost');
    made.server.revoke();
    await made.browser.clock.advance(2_000);
    expect(made.find('.banner').getAttribute('role')).toBe('alert');
  });

  test('is not read fifty older messages', async () => {
    const made = await live();
    for (let index = 0; index < 60; index++) made.server.says('agent-1', `message ${index}`);
    await settle();
    const { server, browser } = made;
    const fresh = new Browser(server); // that has no copy
    fresh.store(browser.stored() ?? {});
    server.secrets.clear(); // its session is not bound
    const other = page({ appStatus: 'open' }, fresh);
    await settle();
    expect(other.all('.line')).toHaveLength(50);
    other.button('Load older messages').click();
    expect(other.find('[role=log]').getAttribute('aria-busy')).toBe('true');
    await settle();
    expect(other.find('[role=log]').hasAttribute('aria-busy')).toBe(false);
    expect(other.all('.line')).toHaveLength(60);
  });

  test('finds the count of unread messages in the name of the bubble', async () => {
    const made = await live();
    await made.click('Close');
    made.server.says('agent-1', 'a');
    made.server.says('agent-1', 'b');
    await settle();
    expect(made.find('.bubble').getAttribute('aria-label')).toBe('Open the chat, 2 unread');
    expect(made.find('.badge').textContent).toBe('2');
    expect(made.find('.badge').getAttribute('aria-hidden')).toBe('true');
    await made.click('Open the chat');
    expect(made.all('.badge')).toEqual([]);
    expect(made.server.calls.filter((call) => call.path === 'Read').at(-1)?.body).toEqual({ index: 1 });
  });
});

describe('an interruption', () => {
  for (const [code, words] of [[45775, 'after a long absence'], [45779, 'looks different']] as const) {
    test(`by ${code} is explained in plain words with its reference, and the messages stay`, async () => {
      const made = await live();
      made.server.says('agent-1', 'Hello');
      await settle();
      const name = code === 45779 ? 'refresh-refused-fingerprint' : 'refresh-refused-token';
      made.server.fault = (call) => (call.path === 'Messages' ? wire(name).answer({ traceId: 'abc123' }) : undefined);
      await made.say('Hi');
      expect(made.find('.banner').textContent).toContain(words);
      expect(made.find('.banner small').textContent).toBe(`Reference: ${code} · abc123`);
      expect(made.all('.body').map((one) => one.textContent)).toEqual(['Hello', 'Hi']);
      expect(made.all('.composer')).toEqual([]);
      expect(made.all('.again')).toEqual([]);
      made.server.fault = () => undefined;
      await made.click('Start a new chat');
      expect(made.all('.body')).toEqual([]);
      expect(made.find('.start')).toBeTruthy();
    });
  }

  test('can be erased, too', async () => {
    const made = await live();
    made.server.revoke();
    await made.say('Hi');
    await made.click('More');
    await made.click('Erase this chat here');
    expect(made.browser.localStorage.length).toBe(0);
    expect(made.find('.start')).toBeTruthy();
  });
});

describe('the menu', () => {
  test('ends the chat', async () => {
    const made = await live();
    await made.click('More');
    await made.click('End chat');
    await made.confirm();
    expect(made.all('.note').map((one) => one.textContent)).toEqual(['This chat has ended.']);
    expect(made.all('.banner')).toEqual([]);
    expect(made.server.state).toBe('closed');
  });

  test('ends a chat that can be reopened, and goes on in it', async () => {
    const made = await live();
    made.server.reopenableFor = 3_600;
    await made.say('Hi');
    await made.click('More');
    await made.click('End chat');
    await made.confirm();
    expect(made.root.activeElement).toBe(made.find('.log'));
    await made.click('Reopen chat');
    const notes = () => made.all('.note').map((one) => one.textContent);
    expect(notes()).toEqual(['This chat is open again.']);
    expect(made.root.activeElement).toBe(made.find('.composer textarea'));
    await made.say('One more thing');
    made.server.says('agent-1', 'Yes?');
    await settle();
    const order = made.all('.note span,.body').map((one) => one.textContent);
    expect(order).toEqual(['Hi', 'This chat is open again.', 'One more thing', 'Yes?']);
    made.server.close();
    await settle();
    expect(notes()).toEqual(['This chat is open again.', 'This chat has ended.']);
  });

  test('offers no reopening where it is not allowed or its time is over, and says whether to try again', async () => {
    const made = await live();
    const offered = () => made.all('.foot button').map((one) => one.textContent);
    made.server.close();
    await settle();
    expect(offered()).toEqual(['Start a new chat']);
    made.server.reopen();
    made.server.reopenableFor = 60;
    made.server.close();
    await settle();
    expect(offered()).toEqual(['Start a new chat', 'Reopen chat']);
    made.server.fault = () => 'request lost';
    await made.click('Reopen chat');
    expect(made.find('[role=alert].banner').textContent).toContain('could not be reopened');
    expect(offered()).toEqual(['Start a new chat', 'Reopen chat']);
    made.server.fault = () => undefined;
    made.server.reopenableFor = null;
    await made.click('Reopen chat');
    expect(made.find('[role=alert].banner').textContent).toBe('This chat has ended.');
    expect(offered()).toEqual(['Start a new chat']);
  });

  test('has the focus on no button that starts a new chat after a failed reopening', async () => {
    const made = await live();
    made.server.reopenableFor = 3_600;
    made.server.close();
    await settle();
    made.server.fault = () => 'request lost';
    made.button('Reopen chat').focus();
    await made.click('Reopen chat');
    expect(made.root.activeElement).toBe(made.button('Reopen chat'));
    made.server.fault = () => undefined;
    made.server.reopenableFor = null;
    await made.click('Reopen chat');
    expect(() => made.button('Reopen chat')).toThrow();
    expect(made.root.activeElement).toBe(made.find('.log'));
  });

  test('does nothing else while it reopens a chat', async () => {
    const made = await live();
    made.server.reopenableFor = 3_600;
    made.server.close();
    await settle();
    let answered = () => {};
    const late = new Promise<void>((resolve) => (answered = resolve));
    made.browser.fetch = async (...call) => {
      await late;
      return made.server.fetch(...call);
    };
    const isDisabled = () => made.all('.foot button').map((one) => one.getAttribute('aria-disabled'));
    await made.browser.clock.advance(500);
    expect(isDisabled()).toEqual(['false', 'false']);
    await made.click('Reopen chat');
    expect(isDisabled()).toEqual(['true', 'true']);
    await made.click('Reopen chat');
    await made.click('Start a new chat');
    answered();
    await settle();
    expect(made.server.count('Reopen')).toBe(1);
    expect(made.find('.composer')).toBeTruthy();
    made.server.close();
    await settle();
    await made.browser.clock.advance(500);
    expect(isDisabled()).toEqual(['false', 'false']);
  });

  test('says nothing of a reopening whose chat the guest has left', async () => {
    const made = await live();
    made.server.reopenableFor = 3_600;
    made.server.close();
    await settle();
    let answered = () => {};
    const late = new Promise<void>((resolve) => (answered = resolve));
    made.browser.fetch = async (...call) => {
      await late;
      return made.server.fetch(...call);
    };
    await made.click('Reopen chat');
    made.browser.tabs[0]?.received({ data: { is: 'erased', conversation: made.server.sid } } as MessageEvent);
    await settle();
    answered();
    await settle();
    expect(made.find('.start')).toBeTruthy();
    expect(made.all('.banner')).toEqual([]);
  });

  test('hides the button at the moment when the time is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const made = await live();
    made.server.reopenableFor = 60;
    made.server.close();
    await settle();
    expect(made.button('Reopen chat')).toBeTruthy();
    made.browser.clock.now += 60_000;
    vi.advanceTimersByTime(60_000);
    expect(() => made.button('Reopen chat')).toThrow();
    vi.useRealTimers();
  });

  test('says when the chat could not be ended', async () => {
    const made = await live();
    made.server.fault = () => 'request lost';
    await made.click('More');
    await made.click('End chat');
    await made.confirm();
    expect(made.find('[role=alert].banner').textContent).toContain('could not be ended');
    expect(made.find('.composer')).toBeTruthy();
  });

  test('ends and erases', async () => {
    const made = await live();
    await made.say('secret');
    await made.click('More');
    await made.click('End chat and erase it here');
    await made.confirm();
    expect(made.browser.localStorage.length).toBe(0);
    expect(made.root.textContent).not.toContain('secret');
    expect(made.find('.start')).toBeTruthy();
  });
});

describe('looks', () => {
  test('are light or dark as the browser is, or as the page says', () => {
    prefersDark(true);
    expect(page().webchat).toBeTruthy();
    expect(theme()).toBe('dark');
    page({ theme: { isLight: true } });
    expect(theme()).toBe('light');
    prefersDark(false);
    page();
    expect(theme()).toBe('light');
    page({ theme: { isLight: false } });
    expect(theme()).toBe('dark');
  });

  test('have the colour of the page, with text on it that can be read', () => {
    for (const [color, text] of [['#0a6b4b', '#ffffff'], ['#ffd400', '#000000'], ['#FD0', '#000000'], ['#000', '#ffffff']]) {
      page({ theme: { color: color as string } });
      const sheet = document.querySelector('[data-parlour]')?.shadowRoot?.adoptedStyleSheets[0];
      const { style } = [...(sheet?.cssRules ?? [])].at(-1) as CSSStyleRule;
      expect(style.getPropertyValue('--plr-brand')).toBe(color);
      expect(style.getPropertyValue('--plr-on')).toBe(text);
    }
  });

  test('have the words that the page passes, and English where it passes none', async () => {
    const made = page({ texts: { title: 'Frag uns', open: 'Chat öffnen' } });
    await made.click('Chat öffnen');
    expect(made.find('h2').textContent).toBe('Frag uns');
    expect(made.button('Start chat')).toBeTruthy();
  });
});

describe('the page around', () => {
  const typed = ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'compositionend', 'paste', 'copy', 'cut', 'focusin', 'focusout', 'wheel'];

  test('receives no events of the chat, and all of its own', async () => {
    const made = await live();
    const received: string[] = [];
    const listener = (event: Event) => received.push(event.type);
    for (const name of typed) document.addEventListener(name, listener);
    const field = made.find('.composer textarea');
    for (const name of typed) field.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
    expect(received).toEqual([]);
    for (const name of typed) document.body.dispatchEvent(new Event(name, { bubbles: true }));
    expect(received).toEqual(typed);
    for (const name of typed) document.removeEventListener(name, listener);
  });

  test('does not receive the Escape that closes the window', async () => {
    const made = await live();
    const received = vi.fn();
    document.addEventListener('keydown', received);
    const escape = { bubbles: true, composed: true, cancelable: true };
    made.find('.composer textarea').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', keyCode: 229, ...escape }));
    expect(made.find('.panel')).toBeTruthy();
    made.find('.composer textarea').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', ...escape }));
    expect(made.all('.panel')).toEqual([]);
    expect(received).not.toHaveBeenCalled();
    document.removeEventListener('keydown', received);
  });

  test('may forbid forms: nothing here is ever submitted', async () => {
    const made = await opened();
    const submitted = vi.fn();
    made.root.addEventListener('submit', submitted);
    made.type('[name=friendlyName]', 'Ada');
    await made.click('Start chat');
    await made.say('By the button');
    made.type('.composer textarea', 'By Enter');
    await made.key(made.find('.composer textarea'), 'Enter');
    expect(made.text()).toContain('By the button');
    expect(made.text()).toContain('By Enter');
    expect(submitted).not.toHaveBeenCalled();
  });
});

function theme(): string | undefined {
  return document.querySelector<HTMLElement>('[data-parlour]')?.dataset['theme'];
}

async function opened(given: Parameters<typeof page>[0] = {}) {
  const made = page(given, new Browser(new Server()));
  await made.click('Open the chat');
  return made;
}
