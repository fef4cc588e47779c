import { afterEach, expect, it, vi } from 'vitest';
import { DeskList } from '../src/console/desks';
import { settingsOf, signalsOf } from '../src/console/settings';
import type { View } from '../src/console/view';
import type { Deployment } from '../src/console/wire';

const SETTINGS = {
  deployment_key: 'CV1',
  version: 'v1',
  allowed_origins: [],
  name: 'Shop',
  address: 'none',
  sensitivity: 'medium',
  proof: 'prefer',
  revoke_on_replay: 'off',
  realtime: 'off',
  token_ttl: '6h',
  session_ttl: 'default',
  idle_ttl: 'default',
  keep: 'forever',
  reopen: '1d',
};

const view: View = { go: () => {}, refresh: () => Promise.resolve(), say: () => {}, attempt: (work) => work().catch(() => {}) };

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

it('a conflict shows the values of the other admin, and saving again replaces those that the admin has seen', async () => {
  const sent: Record<string, unknown>[] = [];
  vi.stubGlobal('fetch', (_: string, { body }: { body?: string }) => {
    if (!body) return Promise.resolve(Response.json({ settings: SETTINGS, addresses: [] }));
    sent.push(JSON.parse(body) as Record<string, unknown>);
    return Promise.resolve(sent.length === 1 ? Response.json({ code: 45809, message: 'Changed', current: { ...SETTINGS, version: 'v2', proof: 'off' } }, { status: 409 }) : Response.json(SETTINGS));
  });
  const details = settingsOf({ deployment_key: 'CV1', name: 'Shop' } as Deployment, view) as HTMLDetailsElement;
  document.body.append(details);
  details.open = true;
  details.dispatchEvent(new Event('toggle'));
  await vi.waitFor(() => expect(details.querySelector('form')).not.toBeNull());
  const form = details.querySelector('form') as HTMLFormElement;
  form.dispatchEvent(new Event('submit'));
  await vi.waitFor(() => expect(details.textContent).toContain('Proof of a key: off.'));
  form.dispatchEvent(new Event('submit'));
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent.map((one) => one['version'])).toEqual(['v1', 'v2']);
});

it('rules for signals are sent one by one, those that observe last, and the page shows what the server answers', async () => {
  const rules: Record<string, string> = { browser: 'observe', language: 'auto' };
  const answer = () => ({ since: null, networks: 40, signals: Object.entries(rules).map(([signal, rule]) => ({ signal, rule, observes: rule === 'observe', differing: 3 })) });
  const sent: string[] = [];
  vi.stubGlobal('fetch', (_: string, { body }: { body?: string }) => {
    if (body) {
      const { signal = '', rule = '' } = JSON.parse(body) as Record<string, string>;
      sent.push(`${signal}=${rule}`);
      rules[signal] = rule;
    }
    return Promise.resolve(Response.json(answer()));
  });
  const element = signalsOf({ deployment_key: 'CV1', name: 'Shop' } as Deployment, view);
  document.body.append(element);
  await vi.waitFor(() => expect(element.querySelectorAll('select')).toHaveLength(2));
  expect(element.textContent).toContain('Differed in 3 of 40 networks in 24 hours. It only observes now.');
  const [browser, language] = element.querySelectorAll('select');
  (browser as HTMLSelectElement).value = 'decide';
  (language as HTMLSelectElement).value = 'observe';
  element.querySelector('form')?.dispatchEvent(new Event('submit'));
  await vi.waitFor(() => expect(sent).toEqual(['browser=decide', 'language=observe']));
  await vi.waitFor(() => expect([...element.querySelectorAll('select')].map((one) => one.value)).toEqual(['decide', 'observe']));
});

it('a shorter time to keep conversations is asked about before it is sent', async () => {
  const sent: string[] = [];
  vi.stubGlobal('fetch', (to: string, { body }: { body?: string }) => {
    if (body) sent.push(body);
    const settings = { sid: 'IG1', version: 'v1', name: 'Desk', is_of_program: false, keep: 'forever', greeting: '', away_text: '', time_zone: '', hours: [], holidays: [], has_unreadable_hours: false, is_open: true, opens_at: null };
    return Promise.resolve(Response.json(to.includes('change') ? settings : { desks: [{ settings, members: [], waiting: 0 }], counted_up_to: 100 }));
  });
  const desks = new DeskList(view);
  document.body.append(desks.element);
  await desks.show();
  const form = document.querySelector('details form') as HTMLFormElement;
  (form.querySelectorAll('input')[1] as HTMLInputElement).value = '90d';
  form.dispatchEvent(new Event('submit'));
  const dialog = await vi.waitFor(() => document.querySelector('dialog') as HTMLDialogElement);
  expect(dialog.textContent).toContain('90d after their last change');
  expect(sent).toEqual([]);
  (dialog.querySelectorAll('button')[1] as HTMLButtonElement).click();
  await vi.waitFor(() => expect(sent).toHaveLength(1));
});

it('a member whom another admin has made the last one is removed after the question about all agents', async () => {
  const sent: Record<string, unknown>[] = [];
  vi.stubGlobal('fetch', (_: string, { body }: { body?: string }) => {
    const settings = { sid: 'IG1', version: 'v1', name: 'Desk', is_of_program: false, keep: 'forever', greeting: '', away_text: '', time_zone: '', hours: [], holidays: [], has_unreadable_hours: false, is_open: true, opens_at: null };
    if (!body) return Promise.resolve(Response.json({ desks: [{ settings, members: ['ann', 'ben'], waiting: 0 }], counted_up_to: 100 }));
    sent.push(JSON.parse(body) as Record<string, unknown>);
    return Promise.resolve(sent.length === 1 ? Response.json({ code: 45813, message: 'The last member' }, { status: 409 }) : Response.json({ members: [] }));
  });
  const desks = new DeskList(view);
  document.body.append(desks.element);
  await desks.show();
  (document.querySelector('[aria-label="Remove ann from Desk"]') as HTMLButtonElement).click();
  const agree = async (question: string): Promise<void> => {
    const dialog = await vi.waitFor(() => {
      const open = document.querySelector('dialog') as HTMLDialogElement;
      expect(open.textContent).toContain(question);
      return open;
    });
    (dialog.querySelectorAll('button')[1] as HTMLButtonElement).click();
  };
  await agree('no longer see the conversations');
  await agree('Then all agents of the account see');
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent.map((one) => one['opens_to_all'])).toEqual([false, true]);
});
