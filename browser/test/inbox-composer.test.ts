import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { filled } from '../src/inbox/canned';
import { Composer } from '../src/inbox/composer';
import { Outbox } from '../src/inbox/outbox';
import { PreparedAnswers } from '../src/inbox/prepared';
import { settle } from './browser';

const SID = 'CH1';
let sent: [string, Record<string, unknown>][];
let refusal: number;
let outbox: Outbox;
let composer: Composer;
let agents = 0;

beforeEach(() => {
  sent = [];
  refusal = 0;
  vi.stubGlobal('fetch', async (path: string, call?: RequestInit) => {
    if (path.includes('/replies')) {
      const words = new URL(path, 'https://desk.example').searchParams.get('find') ?? '';
      const replies = [{ title: 'Hours', text: 'Hello {guest}, nine to five. {agent}' }, { title: 'Hold', text: 'One moment.' }];
      return new Response(JSON.stringify({ replies: replies.filter(({ title }) => title.toLowerCase().startsWith(words)) }));
    }
    sent.push([path, JSON.parse(String(call?.body))]);
    if (refusal) return new Response('{"message":"no"}', { status: refusal });
    return new Response(JSON.stringify({ sid: 'X1', index: 0, body: 'x' }), { status: 201 });
  });
  outbox = Outbox.of(`composer_${++agents}`);
  composer = new Composer(SID, outbox, { typing: () => {}, sent: () => {}, left: () => {}, fill: (text) => filled(text, 'Ada', 'Ann') });
  outbox.begin(() => composer.restore(), () => {});
  document.body.replaceChildren(composer.element);
});

afterEach(() => {
  outbox.pause();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const field = () => composer.element.querySelector('textarea') as HTMLTextAreaElement;
const mode = (name: string) => [...composer.element.querySelectorAll<HTMLElement>('.modes button')].find((one) => one.textContent === name);
const options = () => [...composer.element.querySelectorAll<HTMLElement>('.canned:not([hidden]) .canned-title')].map((one) => one.textContent);

function type(text: string): void {
  field().value = text;
  field().dispatchEvent(new Event('input'));
}

async function press(key: string): Promise<void> {
  field().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await settle();
}

test('a note goes to the team only, with a draft, a name and a colour of its own', async () => {
  type('for the guest');
  mode('Note')?.click();
  expect(field().value).toBe('');
  expect(field().getAttribute('aria-label')).toBe('Note');
  expect(composer.element.classList.contains('of-note')).toBe(true);
  type('for the team');
  await press('Enter');
  expect(sent.map(([path, { body }]) => [path, body])).toEqual([[`/inbox/api/conversations/${SID}/notes`, 'for the team']]);
  mode('Reply')?.click();
  expect(field().value).toBe('for the guest');
  expect(composer.element.classList.contains('of-note')).toBe(false);
  await press('Enter');
  expect(sent.at(-1)?.[0]).toBe(`/inbox/api/conversations/${SID}/messages`);
});

test('a note that the server refuses is a draft of a note again, never one of a reply', async () => {
  refusal = 422;
  mode('Note')?.click();
  type('secret');
  await press('Enter');
  expect(field().value).toBe('secret');
  mode('Reply')?.click();
  expect(field().value).toBe('');
  expect(outbox.draft(SID)).toBe('');
  expect(mode('Note')?.classList.contains('has-draft')).toBe(true);
});

test('a note takes no files and keeps those of the reply', async () => {
  await composer.choose([new File(['text'], 'a.txt', { type: 'text/plain' })]);
  mode('Note')?.click();
  await composer.choose([new File(['text'], 'b.txt', { type: 'text/plain' })]);
  expect(composer.element.querySelector('.problem')?.textContent).toContain('A note cannot have files');
  expect(composer.element.querySelectorAll('.chosen .file')).toHaveLength(0);
  mode('Reply')?.click();
  expect([...composer.element.querySelectorAll('.chosen bdi')].map((one) => one.textContent)).toEqual(['a.txt']);
});

test('a slash in the empty field offers prepared answers, which keys choose and Enter takes over without sending', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  type('/');
  await vi.advanceTimersByTimeAsync(200);
  await settle();
  expect(options()).toEqual(['Hours', 'Hold']);
  expect(composer.element.querySelector('[role=status]')?.textContent).toContain('2 prepared answers');
  await press('ArrowDown');
  expect(composer.element.querySelector('[aria-selected=true]')?.id).toBe(field().getAttribute('aria-activedescendant'));
  expect(composer.element.querySelector('[aria-selected=true] .canned-title')?.textContent).toBe('Hold');
  await press('ArrowDown');
  await press('Enter');
  expect(field().value).toBe('Hello Ada, nine to five. Ann');
  expect(outbox.draft(SID)).toBe('Hello Ada, nine to five. Ann');
  expect(options()).toEqual([]);
  expect(sent).toEqual([]);
});

test('the offer follows what is typed, closes by Escape, and does not come for a note or a slash within a text', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  type('/ho');
  type('/hol');
  await vi.advanceTimersByTimeAsync(200);
  await settle();
  expect(options()).toEqual(['Hold']);
  await press('Escape');
  expect(options()).toEqual([]);
  mode('Note')?.click();
  type('/hol');
  await vi.advanceTimersByTimeAsync(200);
  await settle();
  expect(composer.element.querySelector<HTMLElement>('.canned')?.hidden).toBe(true);
  mode('Reply')?.click();
  type('see a/b');
  await vi.advanceTimersByTimeAsync(200);
  await settle();
  expect(composer.element.querySelector<HTMLElement>('.canned')?.hidden).toBe(true);
});

test('the team keeps its prepared answers in a dialog, which says why one is refused', async () => {
  const kept = new Map([['Hours', 'Nine to five']]);
  let refused = true;
  vi.stubGlobal('fetch', async (path: string, call?: RequestInit) => {
    const body = call?.body ? JSON.parse(String(call.body)) : {};
    if (path.endsWith('/replies/remove')) kept.delete(body.title);
    else if (path.endsWith('/replies') && refused) return new Response('{"message":"too long"}', { status: 400 });
    else if (path.endsWith('/replies')) kept.set(body.title, body.text);
    else return new Response(JSON.stringify({ replies: [...kept].map(([title, text]) => ({ title, text })) }));
    return new Response(null, { status: 204 });
  });
  const answers = new PreparedAnswers();
  document.body.replaceChildren(answers.dialog);
  answers.open();
  await settle();
  const titles = () => [...answers.dialog.querySelectorAll('.canned-title')].map((one) => one.textContent);
  expect(titles()).toEqual(['Hours']);
  const [title, text] = [answers.dialog.querySelector('label input') as HTMLInputElement, answers.dialog.querySelector('textarea') as HTMLTextAreaElement];
  const save = async () => {
    answers.dialog.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await settle();
  };
  [title.value, text.value] = ['Hold', 'One moment.'];
  await save();
  expect(answers.dialog.querySelector('[role=alert]')?.textContent).toBe('too long');
  expect(text.value).toBe('One moment.');
  refused = false;
  await save();
  expect([titles(), text.value]).toEqual([['Hours', 'Hold'], '']);
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  const remove = answers.dialog.querySelector<HTMLElement>('[aria-label="Remove Hours"]')!;
  remove.click();
  remove.click(); // of a double click
  await settle();
  expect(titles()).toEqual(['Hours', 'Hold']);
  expect([remove.textContent, remove.getAttribute('aria-label')]).toEqual(['Click again to remove', 'Click again to remove: Remove Hours']);
  vi.advanceTimersByTime(5_000);
  expect([remove.textContent, remove.getAttribute('aria-label')]).toEqual(['×', 'Remove Hours']);
  remove.click();
  vi.advanceTimersByTime(500);
  remove.click();
  await settle();
  expect(titles()).toEqual(['Hold']);
  expect(document.activeElement).toBe(answers.dialog.querySelector('[type=search]'));
});

test('the field of a closed conversation keeps the focus and the draft, which cannot be sent, and takes notes', async () => {
  type('half a sent');
  field().focus();
  composer.setClosed(true);
  expect(document.activeElement).toBe(field());
  expect([field().value, field().readOnly]).toEqual(['half a sent', true]);
  await press('Enter');
  expect(sent).toEqual([]);
  type('');
  expect(field().placeholder).toBe('This conversation is closed.');
  mode('Note')?.click();
  expect(field().readOnly).toBe(false);
  type('called back');
  await press('Enter');
  expect(sent.map(([path]) => path)).toEqual(['/inbox/api/conversations/CH1/notes']);
  mode('Reply')?.click();
  composer.setClosed(false);
  expect([field().readOnly, field().placeholder]).toEqual([false, 'Write a reply, or / for a prepared answer']);
});

/** The page is loaded again: a module of its own has no drafts in memory. */
async function reloaded(agent: string) {
  vi.resetModules();
  const { Outbox: Fresh } = await import('../src/inbox/outbox');
  return Fresh.of(agent);
}

test('drafts and waiting texts outlive a reload, and are sent once, until the agent signs out', async () => {
  const agent = `composer_${agents}`;
  type('a draft');
  outbox.keepDraft('CH2', 'a note', 'note');
  refusal = 503;
  outbox.add('CH3', 'waits');
  await settle();
  outbox.pause();
  const [[, { client_id: clientId } = {}] = []] = sent;
  refusal = 0;
  const again = await reloaded(agent);
  expect([again.draft(SID), again.draft('CH2', 'note'), again.draft(SID, 'note')]).toEqual(['a draft', 'a note', '']);
  again.begin(() => {}, () => {});
  await settle();
  expect(sent.at(-1)).toEqual(['/inbox/api/conversations/CH3/messages', expect.objectContaining({ body: 'waits', client_id: clientId })]);
  expect((await reloaded(agent)).waiting('CH3')).toEqual([]);
  expect((await reloaded('another agent')).draft(SID)).toBe('');
  again.remove('CH2'); // erased
  expect((await reloaded(agent)).draft('CH2', 'note')).toBe('');
  again.forget();
  expect((await reloaded(agent)).draft(SID)).toBe('');
});

test('the page asks before it loses a file, or texts that the browser does not keep', async () => {
  expect(outbox.isSafe).toBe(true);
  type('a draft');
  expect(outbox.isSafe).toBe(true);
  await outbox.attach(SID, [new File(['x'], 'x.txt')]);
  expect(outbox.isSafe).toBe(false);
  outbox.detach(SID, outbox.draftFiles(SID)[0]!.clientId);
  expect(outbox.isSafe).toBe(true);
  vi.stubGlobal('sessionStorage', { setItem: () => { throw new Error('full'); } });
  type('a longer draft');
  expect(outbox.isSafe).toBe(false);
});

test('a prepared answer that somebody else has changed meanwhile is not overwritten', async () => {
  const calls: Record<string, unknown>[] = [];
  vi.stubGlobal('fetch', async (_: string, call?: RequestInit) => {
    if (!call?.body) return new Response('{"replies":[{"title":"Hours","text":"Nine to five"}]}');
    calls.push(JSON.parse(String(call.body)));
    return new Response(null, { status: 204 });
  });
  const { dialog } = new PreparedAnswers();
  document.body.replaceChildren(dialog);
  const [title, text] = [dialog.querySelector('label input') as HTMLInputElement, dialog.querySelector('textarea') as HTMLTextAreaElement];
  const save = async () => {
    dialog.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await settle();
  };
  dialog.querySelector('[type=search]')?.dispatchEvent(new Event('input'));
  await settle();
  dialog.querySelector<HTMLElement>('.prepared-answer')?.click();
  text.value = 'Ten to six';
  await save();
  [title.value, text.value] = ['Hours', 'Closed']; // of an agent who has not read it
  await save();
  expect(calls).toEqual([{ title: 'Hours', text: 'Ten to six', from: 'Nine to five' }, { title: 'Hours', text: 'Closed' }]);
});
