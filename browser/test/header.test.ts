import { beforeEach, expect, test, vi } from 'vitest';
import { settle } from './browser';
import { live, page } from './page';
import { participant } from './server';

beforeEach(() => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});

test('the header has the name of the team, and says who is in the chat', async () => {
  const made = page({ texts: { title: 'Kettle & Leaf', presence: 'Usually within minutes' } });
  await made.click('Open the chat');
  expect(made.find('h2').textContent).toBe('Kettle & Leaf');
  expect(made.find('.presence').textContent).toBe('Usually within minutes');
  made.type('[name=friendlyName]', 'Ada');
  await made.click('Start chat');
  const { server } = made;
  const ann = participant({ name: 'Ann Miller\u202e' });
  const joins = (one: typeof ann) => server.notify({ type: 'participant', revision: ++server.revision, change: 'joined', participant: one });
  joins(ann);
  joins(participant({ identity: 'agent-2', name: 'Ben' }));
  await settle();
  expect(made.find('.presence').textContent).toBe('You are chatting with Ann Miller, Ben');
  expect(made.all('header .avatar').map((one) => one.dataset['initials'])).toEqual(['AM', 'B']);
  server.notify({ type: 'participant', revision: ++server.revision, change: 'left', participant: { ...ann, revision: server.revision, joined: false } });
  await settle();
  expect(made.find('.presence').textContent).toBe('You are chatting with Ben');
});

test('the header of a chat that is over names nobody with whom the guest could chat', async () => {
  for (const end of ['close', 'revoke'] as const) {
    const made = await live();
    expect(made.find('.presence').textContent).toBe('We answer here, in this chat');
    made.server.meet({ identity: 'agent-1', name: 'Ann' });
    await settle();
    expect(made.find('.presence').textContent).toBe('You are chatting with Ann');
    made.type('.composer textarea', 'half a sentence'); // reports the typing, by a call that a revoked token has refused
    made.server[end]();
    await made.browser.clock.advance(60_000);
    expect(made.find('.presence').textContent, end).toBe('');
  }
});

test('an empty chat has a card that says what it is for', async () => {
  const made = await live();
  expect(made.find('.log .intro').textContent).toContain('Chat with us');
  expect(made.find('.log .intro p').textContent).toContain('The conversation stays here');
  made.server.meet({ identity: 'agent-1', name: 'Ann' });
  await settle();
  expect(made.all('.log .intro')).toHaveLength(0); // the header says who answers
});

test('the logo of the page replaces the drawing once it is loaded, and a broken one does not', async () => {
  const made = page({ theme: { logo: '/logo.svg' } });
  await made.click('Open the chat');
  const srcs: string[] = [];
  vi.spyOn(HTMLImageElement.prototype, 'src', 'set').mockImplementation(function (this: HTMLImageElement, src: string) {
    srcs.push(src);
    if (src === '/logo.svg') this.dispatchEvent(new Event('load'));
  });
  expect(made.all('header .emblem svg')).toHaveLength(1); // it is not loaded yet
  const other = page({ theme: { logo: '/logo.svg' } });
  await other.click('Open the chat');
  expect(other.all('header .emblem img')).toHaveLength(1);
  expect(other.all('header .emblem svg')).toEqual([]);
  const broken = page({ theme: { logo: '/broken.svg' } });
  await broken.click('Open the chat');
  expect(broken.all('header .emblem img')).toEqual([]);
  expect(broken.all('header .emblem svg')).toHaveLength(1);
  expect(srcs).toContain('/broken.svg');
});

test('a logo must be an address', () => {
  for (const logo of ['javascript:alert(1)', 'logo', '']) expect(() => page({ theme: { logo } })).toThrow('theme.logo must be an address');
});
