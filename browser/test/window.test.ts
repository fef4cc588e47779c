import { beforeEach, describe, expect, test, vi } from 'vitest';
import { MapStorage, settle } from './browser';
import { live, page, type Page } from './page';
import { wire } from './wire';

beforeEach(() => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});

const field = (made: Page, name: string) => made.root.querySelector<HTMLInputElement>(`[name=${name}]`)?.value;
const draft = (made: Page) => made.root.querySelector<HTMLTextAreaElement>('.composer textarea')?.value;

/** The page is loaded again, in the same tab. */
async function reloaded(made: Page): Promise<Page> {
  for (const tab of [...made.browser.tabs]) tab.close();
  made.server.loseSockets();
  const again = page({}, made.browser);
  await settle();
  return again;
}

describe('after a chat nothing is left in the fields', () => {
  const ways: [string, (made: Page) => Promise<void>][] = [
    ['when it is erased', async (made) => {
      await made.click('More');
      await made.click('End chat and erase it here');
      await made.confirm();
    }],
    ['when a new one begins after the guest has ended it', async (made) => {
      await made.webchat.end();
      await settle();
      await made.click('Start a new chat');
    }],
    ['when the page resets it', (made) => made.webchat.reset()],
    ['when the page resets it after an interruption', async (made) => {
      made.server.revoke();
      await made.say('not sent');
      await made.webchat.reset();
    }],
    ['when the page takes the session away', async (made) => {
      made.browser.localStorage.clear();
      made.browser.storageEvent();
      await made.browser.clock.advance(2_000);
    }],
  ];
  for (const [how, ends] of ways) {
    test(how, async () => {
      const made = page();
      await made.click('Open the chat');
      made.type('[name=friendlyName]', 'Alice');
      made.type('[name=query]', 'a question of Alice');
      await made.click('Start chat');
      made.type('.composer textarea', 'a draft of Alice');
      await ends(made);
      await settle();
      expect(made.find('.start')).toBeTruthy();
      expect([field(made, 'friendlyName'), field(made, 'query'), draft(made)]).toEqual(['', '', '']);
      expect(made.browser.page.getItem('parlour') ?? '').not.toContain('Alice');
      made.type('[name=friendlyName]', 'Bob');
      await made.click('Start chat');
      expect(draft(made)).toBe('');
    });
  }

  test('but what the page has filled in is there again', async () => {
    const made = page({ preEngagement: { fields: [{ name: 'friendlyName', label: 'Name', value: 'Guest' }] } });
    await made.click('Open the chat');
    made.type('[name=friendlyName]', 'Alice');
    await made.click('Start chat');
    await made.webchat.reset();
    await settle();
    expect(field(made, 'friendlyName')).toBe('Guest');
  });

  test('nor when another guest begins in another tab', async () => {
    const made = await live();
    made.type('.composer textarea', 'a draft of Alice');
    made.browser.store({ ...made.browser.stored(), identity: 'guest-2', conversationSid: `CH${'9'.repeat(32)}` });
    made.browser.storageEvent();
    await settle();
    expect(draft(made)).toBe('');
  });
});

describe('a reload', () => {
  test('keeps the window open, and what was being written', async () => {
    const made = await live();
    made.type('.composer textarea', 'half a sentence');
    const again = await reloaded(made);
    expect(again.find('.panel')).toBeTruthy();
    expect(draft(again)).toBe('half a sentence');
    await again.click('Close');
    expect((await reloaded(again)).all('.panel')).toEqual([]);
  });

  test('keeps what was typed into the form', async () => {
    const made = page();
    await made.click('Open the chat');
    made.find<HTMLInputElement>('[name=query]').value = 'a long question';
    made.find('[name=query]').dispatchEvent(new Event('input', { bubbles: true }));
    const again = await reloaded(made);
    expect(field(again, 'query')).toBe('a long question');
  });

  test('of a chat that is gone brings nothing of it back', async () => {
    const made = await live();
    made.type('.composer textarea', 'half a sentence');
    made.browser.localStorage.clear();
    const again = await reloaded(made);
    expect(draft(again)).toBe('');
    expect(made.browser.page.getItem('parlour')).not.toContain('half');
  });

  test('stores nothing before the guest acts', async () => {
    const made = page({ appStatus: 'open' });
    await settle();
    expect(made.browser.page.length).toBe(0);
  });
});

describe('an interruption', () => {
  test('offers unsent text to the field of the new chat, and sends nothing by itself', async () => {
    const made = await live();
    made.server.revoke();
    await made.say('not sent');
    expect(made.find('.banner').textContent).toContain('Your unsent text is kept');
    await made.click('Start a new chat');
    expect(field(made, 'query')).toBe('not sent');
    expect(made.server.messages).toEqual([]);
  });

  test('offers it to the message field if the form has no field for it', async () => {
    const made = await live({ preEngagement: { fields: [{ name: 'friendlyName', label: 'Name' }] } });
    made.server.revoke();
    await made.say('not sent');
    await made.click('Start a new chat');
    await made.click('Start chat');
    expect(draft(made)).toBe('not sent');
    expect(made.server.messages).toEqual([]);
  });

  test('is on the launcher, which counts nothing that was seen', async () => {
    const made = await live();
    made.server.says('agent-1', 'Hello');
    await settle();
    const again = await reloaded(made);
    await again.click('Close');
    made.server.revoke();
    made.server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(again.find('.badge').textContent).toBe('!');
    expect(again.find('.bubble').getAttribute('aria-label')).toBe('Open the chat: it was interrupted');
    await again.click('Open the chat');
    expect(again.find('.banner').textContent).toContain('You can still read the messages here');
  });

  test('counts as unread only what the guest has not seen', async () => {
    const made = await live();
    made.server.says('agent-1', 'seen');
    await settle();
    await made.click('Close');
    made.server.fault = () => 'request lost';
    const again = await reloaded(made);
    expect(again.all('.body')).toEqual([]); // the window is closed, so nothing is seen again
    expect(again.all('.badge')).toEqual([]);
  });

  test('with nothing to be read does not say that there is', async () => {
    const made = await live();
    made.server.fault = (call) => (call.path === 'Token/Refresh' ? wire('refresh-refused-fingerprint').answer() : undefined);
    const again = await reloaded(made);
    expect(again.find('.banner').textContent).toContain('looks different');
    expect(again.find('.banner').textContent).not.toContain('can still read');
    expect(again.find('.banner').textContent).toContain('can no longer show answers');
  });
});

describe('input that is too long', () => {
  for (const [name, label, text] of [
    ['friendlyName', 'Your name', 'x'.repeat(257)],
    ['query', 'How can we help?', 'x'.repeat(32 * 1024 + 1)],
    ['email', 'E-mail', 'x'.repeat(16 * 1024)],
  ] as const) {
    test(`is shown at the field ${name}, in the guest's language, and nothing is sent`, async () => {
      const made = page({
        preEngagement: {
          fields: [
            { name: 'friendlyName', label: 'Your name' },
            { name: 'query', label: 'How can we help?', type: 'textarea' },
            { name: 'email', label: 'E-mail' },
          ],
        },
      });
      await made.click('Open the chat');
      made.type(`[name=${name}]`, text);
      await made.click('Start chat');
      expect(made.find('.problem').textContent).toBe(`${label}: please shorten this`);
      expect(made.root.activeElement).toBe(made.find(`[name=${name}]`));
      expect(made.server.calls).toEqual([]);
    });
  }

  test('does not include a question of up to 32 KiB', async () => {
    const made = page();
    await made.click('Open the chat');
    made.type('[name=friendlyName]', 'Ada');
    made.type('[name=query]', 'x'.repeat(32 * 1024));
    await made.click('Start chat');
    expect(made.server.messages).toHaveLength(1);
  });
});

describe('a message', () => {
  test('by polling is announced in other words than a lost connection', async () => {
    const made = await live();
    made.server.hasSockets = false;
    made.server.loseSockets();
    await made.browser.clock.advance(3_000);
    expect(made.find('.banner').textContent).toContain('answers can take half a minute');
  });
});

test('a double click on "End chat" ends nothing', async () => {
  const made = await live();
  await made.click('More');
  await made.click('End chat');
  await made.click('Yes, end it');
  expect(made.server.state).toBe('active');
  await made.click('No, go on');
  expect(made.all('.menu')).toEqual([]);
});

test('the text that a guest had not sent when an agent closed the chat stands in the field of the next one', async () => {
  const made = await live();
  made.server.fault = (call) => (call.path === 'Messages' ? wire('too-large').answer() : undefined);
  await made.say('refused');
  made.server.fault = () => undefined;
  made.type('.composer textarea', 'half a sentence');
  made.server.close();
  await settle();
  await made.click('Start a new chat');
  expect(field(made, 'query')).toBe('refused\n\nhalf a sentence');
  made.type('[name=friendlyName]', 'Ada');
  await made.click('Start chat');
  expect(made.server.messages.at(-1)?.body).toBe('refused\n\nhalf a sentence');
});

test('a message that was not sent before the end is sent once after the chat was reopened, and offered to no other one', async () => {
  const made = await live();
  made.server.reopenableFor = 3_600;
  made.server.fault = (call) => (call.path === 'Messages' && call.method === 'POST' ? 'request lost' : undefined);
  await made.say('late');
  made.server.close();
  await made.browser.clock.advance(1_000);
  made.server.fault = () => undefined;
  await made.click('Reopen chat');
  await made.browser.clock.advance(60_000);
  expect(made.server.messages.map(({ body }) => body)).toEqual(['late']);
  made.server.close();
  await settle();
  await made.click('Start a new chat');
  expect(field(made, 'query')).toBe('');
});

describe('what was not sent before an interruption', () => {
  const interrupted = async () => {
    const made = await live();
    made.server.revoke();
    await made.say('not sent');
    return made;
  };

  test('is offered to the new chat after a reload, too, also when the page is loaded twice', async () => {
    const again = await reloaded(await reloaded(await interrupted()));
    expect(field(again, 'query')).toBe('not sent');
    expect(field(again, 'friendlyName')).toBe('');
    expect(again.server.messages).toEqual([]);
  });

  test('is not offered after a reload to the next person', async () => {
    for (const next of [undefined, { identity: 'guest-2' }]) {
      const made = await interrupted();
      if (next) made.browser.store(next);
      else made.browser.localStorage.clear();
      const again = await reloaded(made);
      expect(field(again, 'query')).toBe('');
      expect(made.browser.page.getItem('parlour')).not.toContain('not sent');
    }
  });

  test('is not offered in a chat that another guest has begun in another tab', async () => {
    const made = await interrupted();
    made.browser.store({ token: 'plr1.x', identity: 'guest-2', conversationSid: `CH${'9'.repeat(32)}` });
    await made.click('Start a new chat');
    expect([draft(made), field(made, 'query')]).toEqual(['', '']);
    expect(made.browser.page.getItem('parlour') ?? '').not.toContain('not sent');
  });
});

describe('of two tabs of a chat that the guest ends in one', () => {
  const ended = async (choice: string): Promise<[Page, Page]> => {
    const one = await live();
    one.browser.page = new MapStorage();
    const other = page({}, one.browser);
    await settle();
    await other.click('Open the chat');
    other.type('.composer textarea', 'half a sentence');
    await one.click('More');
    await one.click(choice);
    await one.confirm();
    return [one, other];
  };

  test('the other one offers its draft to the new chat', async () => {
    const [one, other] = await ended('End chat');
    await one.click('Start a new chat');
    await one.browser.clock.advance(2_000);
    expect(other.find('.panel').dataset['state']).toBe('idle');
    expect([field(one, 'query'), field(other, 'query')]).toEqual(['', 'half a sentence']);
    one.type('[name=friendlyName]', 'Ada');
    await one.click('Start chat');
    await one.browser.clock.advance(2_000);
    expect(draft(other)).toBe('half a sentence');
    expect(one.server.messages).toEqual([]);
  });

  test('the other one keeps nothing if the chat is also erased', async () => {
    const [one, other] = await ended('End chat and erase it here');
    await one.browser.clock.advance(2_000);
    expect([other.find('.panel').dataset['state'], field(other, 'query')]).toEqual(['idle', '']);
  });
});

describe('of two tabs of an interrupted chat', () => {
  const interrupted = async (): Promise<[Page, Page]> => {
    const one = await live();
    const { browser, server } = one;
    browser.page = new MapStorage();
    const other = page({}, browser);
    await settle();
    await other.click('Open the chat');
    other.type('.composer textarea', 'half a sentence');
    server.fault = (call) => (call.path === 'Messages' ? 'request lost' : undefined);
    await one.say('not sent');
    server.fault = () => undefined;
    server.revoke();
    await browser.clock.advance(60_000);
    for (const made of [one, other]) expect(made.find('.banner').textContent).toContain('Your unsent text is kept');
    return [one, other];
  };

  test('only the first that starts a new chat offers the messages that were not sent, the other one its own draft', async () => {
    const [one, other] = await interrupted();
    await one.click('Start a new chat');
    await other.click('Start a new chat');
    expect([field(one, 'query'), field(other, 'query')]).toEqual(['not sent', 'half a sentence']);
  });

  test('one sends them in the new chat, and the other, which joins it, does not offer them', async () => {
    const [one, other] = await interrupted();
    await one.click('Start a new chat');
    one.type('[name=friendlyName]', 'Ada');
    await one.click('Start chat');
    expect(one.server.messages.map(({ body }) => body)).toEqual(['not sent']);
    expect(other.find('.panel').dataset['state']).toBe('live');
    expect([draft(one), draft(other)]).toEqual(['', 'half a sentence']);
  });

  test('only the one that was loaded again first offers them', async () => {
    const [one, other] = await interrupted();
    const again = page({}, one.browser);
    await settle();
    expect(field(again, 'query')).toBe('not sent\n\nhalf a sentence');
    await one.click('Start a new chat');
    expect(field(one, 'query')).toBe('');
    await other.click('Start a new chat');
    expect(field(other, 'query')).toBe('half a sentence');
  });

  test('one offers them in the chat that a third tab begins', async () => {
    const [one, other] = await interrupted();
    one.browser.page = new MapStorage();
    await one.browser.begin();
    expect([draft(one), draft(other)].sort()).toEqual(['half a sentence', 'not sent']);
  });

  test('neither offers them after the new chat was erased, and nothing stays in the browser', async () => {
    const [one, other] = await interrupted();
    await one.click('Start a new chat');
    one.type('[name=friendlyName]', 'Ada');
    await one.click('Start chat');
    await one.click('More');
    await one.click('End chat and erase it here');
    await one.confirm();
    expect(one.browser.localStorage.length).toBe(0);
    expect([field(one, 'query'), field(other, 'query')]).toEqual(['', '']);
  });
});

test('the text in the form of one deployment outlives a reload while another deployment has a chat', async () => {
  const theirs = await live();
  const { browser } = theirs;
  browser.page = new MapStorage();
  const other = { deploymentKey: `CV${'7'.repeat(32)}` };
  const made = page(other, browser);
  await settle();
  await made.click('Open the chat');
  made.find<HTMLInputElement>('[name=query]').value = 'a long question';
  made.find('[name=query]').dispatchEvent(new Event('input', { bubbles: true }));
  const again = page(other, browser);
  await settle();
  expect(field(again, 'query')).toBe('a long question');
  expect(theirs.find('.panel').dataset['state']).toBe('live');
});

describe('the form before a chat', () => {
  const fields = (value: string) => ({
    preEngagement: { fields: [{ name: 'friendlyName', label: 'Name', value }, { name: 'query', label: 'Question' }] },
  });
  const typed = (made: Page, name: string, text: string) => {
    made.find<HTMLInputElement>(`[name=${name}]`).value = text;
    made.find(`[name=${name}]`).dispatchEvent(new Event('input', { bubbles: true }));
  };

  test('is empty when the page resets it, as at a sign-out, and nothing of it is kept', async () => {
    const made = page();
    await made.click('Open the chat');
    typed(made, 'query', 'a question of Alice');
    await made.webchat.reset();
    expect(field(made, 'query')).toBe('');
    const again = await reloaded(made);
    await again.click('Open the chat');
    expect(field(again, 'query')).toBe('');
  });

  test('has what the page fills in now, and not what it filled in for somebody before', async () => {
    const made = page(fields('Alice'));
    await made.click('Open the chat');
    typed(made, 'query', 'half a');
    for (const tab of [...made.browser.tabs]) tab.close();
    const again = page(fields('Bob'), made.browser);
    await settle();
    expect([field(again, 'friendlyName'), field(again, 'query')]).toEqual(['Bob', 'half a']);
  });

  test('leaves what was asked in it, and not sent, in the field of the chat that another tab begins', async () => {
    const made = page();
    await made.click('Open the chat');
    typed(made, 'query', 'a long question');
    await made.browser.begin();
    expect(made.find('.panel').dataset['state']).toBe('live');
    expect(draft(made)).toBe('a long question');
    expect(made.server.messages).toEqual([]);
  });
});
