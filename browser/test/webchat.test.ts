import { describe, expect, test, vi } from 'vitest';
import { optionsOf, type RawOptions } from '../src/widget/options';
import { Browser, rows, settle, storedKeys } from './browser';
import { live, page } from './page';
import { KEY, Server } from './server';

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

test('a page sends a message as the guest, while there is a chat', async () => {
  const idle = page();
  expect(idle.webchat.send('Hello')).toBe(false);
  const made = await live();
  expect(made.webchat.send('  I look at order 4711.\u0000 ')).toBe(true);
  await settle();
  expect(made.all('.line.mine .body').map((one) => one.textContent)).toEqual(['I look at order 4711.']);
  await made.webchat.end();
  expect(made.webchat.send('Too late')).toBe(false);
});

test.each([['', 'a text that is not empty'], [' \n', 'a text that is not empty'], [7, 'a text that is not empty'], ['ä'.repeat(16 * 1024 + 1), 'at most 32768 bytes in UTF-8']])('a message of the page must be right: %j', async (text, why) => {
  const made = await live();
  expect(() => made.webchat.send(text as string)).toThrow(why);
});

describe('an update of the page', () => {
  const update = (made: Awaited<ReturnType<typeof live>>, given: Partial<RawOptions>) => made.webchat.update(optionsOf({ deploymentKey: KEY, ...given }, () => {}));

  test('changes the theme at once', async () => {
    const made = await live({ theme: { isLight: true, color: '#0a6b4b' } });
    const css = () => made.root.adoptedStyleSheets.map((sheet) => [...sheet.cssRules].map((rule) => rule.cssText).join()).join();
    expect(css()).toContain('#0a6b4b');
    update(made, { theme: { isLight: false, color: '#aa0000' } });
    expect((made.root.host as HTMLElement).dataset['theme']).toBe('dark');
    expect(css()).toContain('#aa0000');
    expect(css()).not.toContain('#0a6b4b');
  });

  test('shows another logo, and keeps the draft', async () => {
    const asked: string[] = [];
    vi.spyOn(HTMLImageElement.prototype, 'src', 'set').mockImplementation((address) => void asked.push(address));
    const made = await live({ theme: { logo: '/one.svg' } });
    made.type('.composer textarea', 'Half a sentence');
    asked.splice(0);
    update(made, { theme: { logo: '/two.svg' } });
    expect(new Set(asked)).toEqual(new Set(['/two.svg']));
    expect(made.find<HTMLTextAreaElement>('.composer textarea').value).toBe('Half a sentence');
  });

  test('shows other texts, and keeps the window, its draft and its files', async () => {
    const made = await live();
    made.type('.composer textarea', 'Half a sentence');
    const sheets = made.root.adoptedStyleSheets.length;
    update(made, { texts: { title: 'Ask the garden team', send: 'Go' } });
    await settle();
    expect(made.find('h2').textContent).toBe('Ask the garden team');
    expect(made.find<HTMLTextAreaElement>('.composer textarea').value).toBe('Half a sentence');
    expect(made.root.querySelectorAll('.panel')).toHaveLength(1);
    expect(made.root.adoptedStyleSheets).toHaveLength(sheets);
    update(made, {});
    expect(made.find('h2').textContent).toBe('Chat with us');
  });

  test('keeps what is typed into the form, and sends the newest context with it', async () => {
    const made = page();
    await made.click('Open the chat');
    made.type('[name=friendlyName]', 'Ada');
    made.find('.start').dispatchEvent(new Event('input'));
    update(made, { texts: { start: 'Go' }, context: { page: 'second' } });
    await settle();
    expect(made.find<HTMLInputElement>('[name=friendlyName]').value).toBe('Ada');
    await made.click('Go');
    expect(JSON.stringify(made.server.calls.find(({ path }) => path === 'Init'))).toContain('second');
  });

  test('keeps what is typed also where the tab has no memory', async () => {
    const browser = new Browser(new Server());
    browser.page.setItem = () => {
      throw new DOMException('no', 'QuotaExceededError');
    };
    const made = page({}, browser);
    await made.click('Open the chat');
    made.type('[name=friendlyName]', 'Ada');
    made.webchat.update(optionsOf({ deploymentKey: KEY, texts: { title: 'One' } }, () => {}));
    await settle();
    expect(made.find<HTMLInputElement>('[name=friendlyName]').value).toBe('Ada');
    await made.click('Start chat');
    made.type('.composer textarea', 'Half a sentence');
    made.webchat.update(optionsOf({ deploymentKey: KEY, texts: { title: 'Two' } }, () => {}));
    await settle();
    expect(made.find<HTMLTextAreaElement>('.composer textarea').value).toBe('Half a sentence');
  });

  test.each([[undefined, 'query'], [{ fields: [{ name: 'friendlyName', label: 'Name' }] }, 'composer']])('keeps the unsent messages of an interrupted chat for the new one: %j', async (preEngagement, place) => {
    const given = preEngagement ? { preEngagement } : {};
    const made = await live(given);
    made.server.revoke();
    await made.say('not sent');
    update(made, { ...given, texts: { title: 'Ask the garden team' } });
    await settle();
    update(made, { ...given, theme: { logo: '/two.svg' } });
    await settle();
    await made.click('Start a new chat');
    if (place === 'query') expect(made.find<HTMLTextAreaElement>('[name=query]').value).toBe('not sent');
    update(made, { ...given, texts: { title: 'Ask us' } });
    await settle();
    if (place === 'query') expect(made.find<HTMLTextAreaElement>('[name=query]').value).toBe('not sent');
    else {
      await made.click('Start chat');
      expect(made.find<HTMLTextAreaElement>('.composer textarea').value).toBe('not sent');
    }
  });

  test('is kept by the language, whose texts come after those of the page', async () => {
    const made = page({ language: 'de' });
    update(made, { language: 'de', texts: { title: 'Fragen?' } });
    await made.click('Chat öffnen');
    await vi.waitFor(() => expect(made.find('h2').textContent).toBe('Fragen?'));
    update(made, { language: 'de' });
    await settle();
    expect(made.find('h2').textContent).toBe('Chatten Sie mit uns');
  });
});

test('without a bubble the page opens the window, and gets the focus back', async () => {
  const button = document.createElement('button');
  const made = page({ launcher: false });
  document.body.append(button);
  button.focus();
  expect(made.all('.bubble')).toEqual([]);
  made.webchat.open();
  await settle();
  await made.click('Close the chat window');
  expect(made.all('.panel')).toEqual([]);
  expect(document.activeElement).toBe(button);
});

test('in an element of the page the window is open from the start, and the guest cannot close it', async () => {
  const made = page({ target: '#chat' });
  await settle();
  expect(made.all('.bubble')).toEqual([]);
  expect(made.find('.panel')).toBeTruthy();
  expect(() => made.button('Close the chat window')).toThrow();
  await made.key(made.find('[name=friendlyName]'), 'Escape');
  expect(made.find('.panel')).toBeTruthy();
  made.webchat.close();
  expect(made.all('.panel')).toEqual([]);
});

test('bubble and window stand where the page wants them', () => {
  const css = (made: ReturnType<typeof page>) => [...(made.root.adoptedStyleSheets[0]?.cssRules ?? [])].map((rule) => rule.cssText).join();
  expect(css(page())).toMatch(/--plr-right: ?20px/);
  expect(css(page({ position: { side: 'left', x: 8, y: 90 }, zIndex: 5 }))).toMatch(/z-index: ?5 ?!important.*--plr-left: ?8px.*--plr-y: ?90px/s);
});

describe('a quick exit', () => {
  /** The page is left: nothing of it runs any more. */
  function leavable(made: ReturnType<typeof page>) {
    return vi.spyOn(location, 'replace').mockClear().mockImplementation(() => made.browser.tabs.forEach((tab) => tab.close()));
  }

  test('leaves the page after the signed end of the chat has been sent', async () => {
    const made = await live();
    const gone = leavable(made);
    made.webchat.exit();
    expect(document.documentElement.style.display).toBe('none');
    expect(gone).not.toHaveBeenCalled();
    await settle();
    expect(gone).toHaveBeenCalledExactlyOnceWith('about:blank');
    expect(made.server.state).toBe('closed');
    expect(made.server.badProofs).toEqual([]);
    expect(made.browser.stored()).toBeNull();
  });

  test('sends the end that the first press has signed, where nothing can be signed any more', async () => {
    const made = await live();
    leavable(made);
    made.webchat.prepareEnd();
    await settle();
    const signing = vi.spyOn(crypto.subtle, 'sign').mockImplementation(() => new Promise<never>(() => {}));
    made.webchat.exit();
    await settle();
    expect(made.server.state).toBe('closed');
    signing.mockRestore();
  });

  test.each<[string, (made: ReturnType<typeof page>) => void]>([
    ['hangs', (made) => void (made.browser.fetch = () => new Promise<never>(() => {}))],
    ['throws', (made) => {
      made.browser.localStorage.getItem = made.browser.localStorage.setItem = () => {
        throw new Error('forbidden');
      };
      made.browser.fetch = () => {
        throw new Error('a shim of the page');
      };
    }],
  ])('leaves within 200 ms also if a call %s', async (_, fail) => {
    const made = await live();
    const gone = leavable(made);
    fail(made);
    made.webchat.exit();
    await made.browser.clock.advance(200);
    expect(gone).toHaveBeenCalledExactlyOnceWith('about:blank');
  });

  const begins = async (made: ReturnType<typeof page>) => {
    made.type('[name=friendlyName]', 'Ada');
    await made.click('Start chat');
  };

  test('stores nothing of a start that is answered after it, and ends that chat', async () => {
    const made = page({ appStatus: 'open' });
    await settle();
    const gone = leavable(made);
    let answer = () => {};
    const waiting = new Promise<void>((resolve) => (answer = resolve));
    made.browser.fetch = async (input, init) => {
      if (String(input).endsWith('/Init')) await waiting;
      return made.server.fetch(input, init);
    };
    const written = vi.spyOn(made.browser.localStorage, 'setItem');
    await begins(made);
    made.webchat.exit();
    await settle();
    expect(gone).not.toHaveBeenCalled();
    answer();
    await settle();
    expect(gone).toHaveBeenCalledOnce();
    expect(made.server.count('Init')).toBe(1);
    expect(made.server.state).toBe('closed');
    expect(made.server.badProofs).toEqual([]);
    expect(JSON.stringify(written.mock.calls)).not.toContain('token');
    expect(made.browser.stored()).toBeNull();
    expect(await rows()).toEqual([]);
    expect((await storedKeys()).conversations).toEqual([]);
  });

  test('sends no start that waits for another one of this browser', async () => {
    const made = page({ appStatus: 'open' });
    await settle();
    leavable(made);
    let release = () => {};
    void made.browser.tabs[0]!.deps.tabs.withLock('start', () => new Promise<void>((resolve) => (release = resolve)));
    await settle();
    await begins(made);
    made.webchat.exit();
    release();
    await settle();
    expect(made.server.calls).toEqual([]);
  });
});
