import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { optionsOf } from '../src/widget/options';
import { settle } from './browser';
import { live as liveChat, page, type Page } from './page';
import { KEY } from './server';

let tones: number[];
let visible: DocumentVisibilityState;

beforeEach(() => {
  tones = [];
  visible = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visible);
  document.title = 'A shop';
  const node = () => ({ connect: (next: unknown) => next, gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} } });
  vi.stubGlobal('AudioContext', class {
    currentTime = 0;
    destination = {};
    resume = async () => {};
    close = async () => {};
    createGain = node;
    createOscillator() {
      const frequency = { value: 0 };
      return { ...node(), frequency, start: () => tones.push(frequency.value), stop() {} };
    }
  });
});

afterEach(() => {
  for (const one of opened.splice(0)) one.webchat.destroy();
  vi.unstubAllGlobals();
});

/** Every page of a test, because each of them would go on to change the title. */
const opened: Page[] = [];
const live = async (...given: Parameters<typeof liveChat>) => keep(await liveChat(...given));

function keep(made: Page): Page {
  opened.push(made);
  return made;
}

function becomes(state: DocumentVisibilityState): void {
  visible = state;
  document.dispatchEvent(new Event('visibilitychange'));
}

async function says(made: Page, body: string): Promise<void> {
  made.server.says('agent-1', body);
  await made.browser.clock.advance(1_000);
}

describe('a new message in a hidden tab', () => {
  test('is counted before the title, and makes a sound', async () => {
    const made = await live();
    await says(made, 'seen');
    expect([document.title, tones]).toEqual(['A shop', []]);
    becomes('hidden');
    await says(made, 'one');
    await says(made, 'two');
    expect([document.title, tones]).toEqual(['(2) A shop', [660, 880, 660, 880]]);
    expect(made.all('.newer')).toEqual([]); // they are in view
    becomes('visible');
    expect(document.title).toBe('A shop');
  });

  test('leaves alone a title that the page has changed', async () => {
    const made = await live();
    becomes('hidden');
    await says(made, 'one');
    document.title = 'Teas';
    await says(made, 'two');
    expect(document.title).toBe('(2) Teas');
    document.title = 'Coffees';
    becomes('visible');
    expect(document.title).toBe('Coffees');
  });

  test('does neither if the page does not want it', async () => {
    const made = await live({ alerts: { title: false, sound: false } });
    becomes('hidden');
    await says(made, 'one');
    expect([document.title, tones]).toEqual(['A shop', []]);
    await made.click('More');
    expect(made.all('.switch')).toEqual([]);
  });

  test('does neither once the guest has switched it off, also after a reload and in a new tab', async () => {
    const made = await live();
    await made.click('More');
    expect(made.button('Alert me').getAttribute('aria-pressed')).toBe('true');
    await made.click('Alert me');
    expect(made.button('Alert me').getAttribute('aria-pressed')).toBe('false');
    for (const tab of [...made.browser.tabs]) tab.close();
    made.webchat.destroy();
    const again = keep(page({}, made.browser));
    await settle();
    becomes('hidden');
    await says(again, 'one');
    expect([document.title, tones]).toEqual(['A shop', []]);
    becomes('visible');
    await again.click('More');
    expect(again.button('Alert me').getAttribute('aria-pressed')).toBe('false');
    await again.click('Alert me');
    expect(tones).toEqual([660, 880]);
  });

  test('makes one sound in all tabs, and none once it is read in one of them', async () => {
    const made = await live();
    keep(page({}, made.browser));
    await settle();
    becomes('hidden');
    await says(made, 'one');
    expect(tones).toEqual([660, 880]);
    made.server.says('agent-1', 'two');
    await settle();
    made.server.meet({ ...made.server.participants[0], read_index: 1 });
    await made.browser.clock.advance(1_000);
    expect(tones).toEqual([660, 880]);
    });

  test('makes no sound in a page that the guest has not used, where browsers allow none', async () => {
    const made = await live();
    vi.stubGlobal('navigator', { userActivation: { hasBeenActive: false } });
    becomes('hidden');
    await says(made, 'one');
    expect([document.title, tones]).toEqual(['(1) A shop', []]);
  });
});

test('a chat that is removed from the page takes its count with it', async () => {
  const made = await live();
  becomes('hidden');
  await says(made, 'one');
  made.webchat.destroy();
  expect(document.title).toBe('A shop');
});

test('a window with new words takes over the count', async () => {
  const made = await live();
  becomes('hidden');
  await says(made, 'one');
  made.webchat.update(optionsOf({ deploymentKey: KEY, texts: { title: 'Ask us' } }, () => {}));
  expect(made.find('h2').textContent).toBe('Ask us');
  expect(document.title).toBe('(1) A shop');
  becomes('visible');
  expect(document.title).toBe('A shop');
});
