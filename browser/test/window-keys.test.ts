import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Browser, settle } from './browser';
import { live, page } from './page';
import { Server } from './server';

beforeEach(() => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});

describe('the keyboard', () => {
  test('opens to the first field, closes by Escape, and comes back to the bubble', async () => {
    const made = await opened();
    expect(made.root.activeElement).toBe(made.find('[name=friendlyName]'));
    expect(made.find('.bubble').getAttribute('aria-expanded')).toBe('true');
    await made.key(made.find('[name=friendlyName]'), 'Escape');
    expect(made.all('.panel')).toEqual([]);
    expect(made.root.activeElement).toBe(made.find('.bubble'));
    expect(made.find('.bubble').getAttribute('aria-expanded')).toBe('false');
  });

  test('closes the menu first, and comes back to its button', async () => {
    const made = await live();
    await made.click('More');
    expect(made.root.activeElement).toBe(made.button('Save as text'));
    expect(made.button('More').getAttribute('aria-expanded')).toBe('true');
    await made.key(made.button('End chat'), 'Escape');
    expect(made.root.activeElement).toBe(made.button('More'));
    expect(made.button('More').getAttribute('aria-expanded')).toBe('false');
    expect(made.find('.panel')).toBeTruthy();
  });

  test('closes the menu without taking the focus away from the field', async () => {
    const made = await live();
    const field = made.find('.composer textarea');
    await made.click('More');
    made.find('.log').dispatchEvent(new Event('pointerdown', { bubbles: true }));
    expect(made.button('More').getAttribute('aria-expanded')).toBe('false');
    await made.click('More');
    field.focus();
    expect(made.button('More').getAttribute('aria-expanded')).toBe('false');
    expect(made.root.activeElement).toBe(field);
  });

  test('keeps the menu open while the guest uses it', async () => {
    const made = await live();
    await made.click('More');
    made.find('.menu').dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget: made.button('End chat') }));
    made.button('End chat').dispatchEvent(new Event('pointerdown', { bubbles: true }));
    expect(made.button('More').getAttribute('aria-expanded')).toBe('true');
  });

  test('stays in a window that covers the page, which a screen reader does not read meanwhile', async () => {
    let fills = true;
    const query = new EventTarget();
    vi.spyOn(globalThis, 'matchMedia').mockImplementation((asked) => (asked.includes('480px')
      ? Object.defineProperty(query, 'matches', { configurable: true, get: () => fills })
      : Object.assign(new EventTarget(), { matches: false })) as unknown as MediaQueryList);
    const made = await live();
    const panel = made.find('.panel');
    expect(panel.getAttribute('aria-modal')).toBe('true');
    const [first, last] = [made.button('More'), made.button('Send')];
    last.focus();
    await made.key(last, 'Tab');
    expect(made.root.activeElement).toBe(first);
    await made.key(first, 'Tab', { shiftKey: true });
    expect(made.root.activeElement).toBe(last);
    await made.key(last, 'Tab', { shiftKey: true });
    expect(made.root.activeElement).toBe(last); // the browser moves it
    fills = false;
    query.dispatchEvent(new Event('change'));
    expect(panel.hasAttribute('aria-modal')).toBe(false);
    await made.key(last, 'Tab');
    expect(made.root.activeElement).toBe(last);
  });

  test('sends by Enter, not by Shift+Enter, and not while a word is composed', async () => {
    const made = await live();
    const field = made.find<HTMLTextAreaElement>('.composer textarea');
    field.value = 'こんにちは';
    await made.key(field, 'Enter', { isComposing: true });
    await made.key(field, 'Enter', { keyCode: 229 }); // as Safari reports the Enter that ends a word
    await made.key(field, 'Enter', { shiftKey: true });
    expect(made.server.messages).toEqual([]);
    await made.key(field, 'Enter');
    expect(made.server.messages.map((one) => one.body)).toEqual(['こんにちは']);
    expect(field.value).toBe('');
  });

  test('is where the guest can go on: the composer when a chat begins, the messages when it is over', async () => {
    const made = await live();
    expect(made.root.activeElement).toBe(made.find('.composer textarea'));
    made.server.close();
    await settle();
    expect(made.root.activeElement).toBe(made.find('.log'));
    await made.click('Start a new chat');
    expect(made.root.activeElement).toBe(made.find('[name=friendlyName]'));
  });

  for (const end of ['close', 'revoke'] as const) {
    test(`starts no new chat for a guest who is typing when the chat ends (${end})`, async () => {
      const made = await live();
      await made.say('Hello');
      made.type('.composer textarea', 'half a sen');
      made.server[end]();
      await made.browser.clock.advance(60_000);
      await settle();
      expect(made.find('.panel').dataset['state']).toBe(end === 'close' ? 'ended' : 'interrupted');
      expect(made.root.activeElement).toBe(made.find('.log')); // Space and Enter do nothing there
    });
  }

  test('starts no new chat by a click that was for the field', async () => {
    const made = await live();
    await made.say('Hello');
    made.server.close();
    await settle();
    const again = made.button('Start a new chat');
    expect(again.getAttribute('aria-disabled')).toBe('true');
    again.click();
    await settle();
    expect(made.find('.panel').dataset['state']).toBe('ended');
    expect(made.text()).toContain('Hello');
    await made.browser.clock.advance(500);
    expect(again.getAttribute('aria-disabled')).toBe('false');
    again.click();
    await settle();
    expect(made.find('.panel').dataset['state']).toBe('idle');
  });
});

async function opened() {
  const made = page({}, new Browser(new Server()));
  await made.click('Open the chat');
  return made;
}
