import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebhookList, type Webhook } from '../src/console/webhooks';
import type { View } from '../src/console/view';

const WEBHOOK: Webhook = {
  address_sid: 'IG1',
  name: 'Desk',
  origin: 'https://bot.example.com',
  state: 'held-back',
  waiting: 1000,
  waiting_since: '2026-01-01T00:00:00Z',
  failing_since: '2026-01-01T00:00:00Z',
  last_accepted: null,
  last_failed: '2026-01-01T00:00:00Z',
  last_error: 'answered <b>500</b>',
  given_up: 3,
  newest_given_up: [{ event_id: 'CH1-1-message-added', type: 'message.added', conversation_sid: 'CH1', at: '2026-01-01T00:00:00Z', why: 'answered 410', is_due: true }],
};

function view(): { view: View; said: string[] } {
  const said: string[] = [];
  return {
    said,
    view: { go: () => undefined, refresh: () => Promise.resolve(), say: (text: string) => void said.push(text), attempt: (work: () => Promise<void>) => work() },
  };
}

async function shown(webhook: Webhook, on: View): Promise<HTMLElement> {
  vi.stubGlobal('fetch', (to: string) =>
    Promise.resolve(Response.json(to.endsWith('/again') ? { conversations: 500, given_up: 3, has_more: true } : { webhooks: [webhook], counted: 1000 })),
  );
  const list = new WebhookList(on);
  document.body.append(list.element);
  await list.show();
  return list.element;
}

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe('a webhook', () => {
  it('is shown with a bounded backlog, and its last error as text', async () => {
    const element = await shown(WEBHOOK, view().view);
    expect(element.textContent).toContain('1000 or more, the first one since');
    expect(element.textContent).toContain('answered <b>500</b>');
    expect(element.querySelector('b')).toBeNull();
    expect(element.textContent).toContain('Events that were given up: 3');
    expect(element.textContent).toContain('answered 410 (is sent again)');
  });

  it('without events that wait has no button that sends them again', async () => {
    const element = await shown({ ...WEBHOOK, state: 'delivering', waiting: 0, given_up: 0, newest_given_up: [] }, view().view);
    const [test, again] = element.querySelectorAll<HTMLButtonElement>('.actions button');
    expect(test!.hidden).toBe(false);
    expect(again!.hidden).toBe(true);
    expect(element.textContent).toContain('Events are delivered');
  });

  it('says that there are more events than one request sends', async () => {
    const { view: on, said } = view();
    const element = await shown(WEBHOOK, on);
    element.querySelectorAll<HTMLButtonElement>('.actions button')[1]!.click();
    await vi.waitFor(() => expect(said.at(-1)).toContain('There are more'));
    expect(said.at(-1)).toContain('Conversations that waited: 500');
  });
});
