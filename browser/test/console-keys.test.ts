import { afterEach, describe, expect, it, vi } from 'vitest';
import { KeyList, type Keys } from '../src/console/keys';
import type { View } from '../src/console/view';

const KEYS: Keys = {
  is_shared: false,
  can_rotate: true,
  keys: [
    { id: '0000000a', state: 'opens', created: '2026-01-01T00:00:00Z', primary_from: '2026-01-01T00:00:00Z', opens_until: '2026-02-02T00:00:00Z' },
    { id: '0000000b', state: 'primary', created: '2026-01-02T00:00:00Z', primary_from: '2026-01-02T00:00:00Z', opens_until: null },
  ],
};

const said: string[] = [];
const view: View = { go: () => undefined, refresh: () => Promise.resolve(), say: (text: string) => void said.push(text), attempt: (work: () => Promise<void>) => work() };

async function shown(keys: Keys, sent: string[] = []): Promise<HTMLElement> {
  vi.stubGlobal('fetch', (_: string, init?: RequestInit) => {
    if (init?.body) sent.push(String(init.body));
    return Promise.resolve(Response.json(init?.body ? { outcome: 'changed' } : keys));
  });
  const list = new KeyList(view);
  document.body.append(list.element);
  await list.show();
  return list.element;
}

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe('the keys', () => {
  it('are listed newest first, and rotated after the one that the admin sees', async () => {
    const sent: string[] = [];
    const element = await shown(KEYS, sent);
    expect([...element.querySelectorAll('tbody tr td:first-child')].map((cell) => cell.textContent)).toEqual(['0000000b', '0000000a']);
    element.querySelector('button')!.click();
    await vi.waitFor(() => expect(document.querySelector('dialog')).not.toBeNull());
    expect(sent).toEqual([]);
    document.querySelectorAll<HTMLButtonElement>('dialog button')[1]!.click();
    await vi.waitFor(() => expect(sent).toEqual(['{"newest":"0000000b"}']));
    await vi.waitFor(() => expect(said.at(-1)).toContain('somebody else has made a key'));
  });

  it('belong to an operator if there are several accounts', async () => {
    const element = await shown({ is_shared: true, can_rotate: false, keys: [] });
    expect(element.textContent).toContain('belong to all accounts');
    expect(element.querySelector('button')).toBeNull();
  });

  it('are not rotated while there are too many', async () => {
    const element = await shown({ ...KEYS, can_rotate: false });
    expect(element.querySelector('button')).toBeNull();
    expect(element.textContent).toContain('too many keys');
  });
});
