import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answerOfProvider, providerButton, signInWith } from '../src/inbox/provider';
import { ME } from './inbox-page';

let calls: [string, unknown][] = [];
let answers: Record<string, () => Response> = {};

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

beforeEach(() => {
  calls = [];
  answers = { '/oidc': () => json({ name: 'Team' }) };
  sessionStorage.clear();
  history.replaceState(null, '', '/inbox');
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const path = url.replace('/inbox/api', '');
    calls.push([path, init.body ? JSON.parse(String(init.body)) : undefined]);
    return answers[path]?.() ?? json({}, 404);
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('the provider’s answer is taken out of the address, from the fragment or the query', () => {
  history.replaceState(null, '', '/inbox#state=s1&session_state=x&code=c%2B1');
  expect(answerOfProvider()).toEqual({ state: 's1', code: 'c+1' });
  expect(location.href).not.toContain('c%2B1');
  expect(answerOfProvider()).toBeUndefined();
  history.replaceState(null, '', '/inbox?code=c2&state=s2');
  expect(answerOfProvider()).toEqual({ state: 's2', code: 'c2' });
  expect(location.search).toBe('');
  history.replaceState(null, '', '/inbox#error=access_denied&state=s3');
  expect(answerOfProvider()).toEqual({ state: 's3', error: 'access_denied' });
});

test('another fragment or query is left alone', () => {
  for (const place of ['/inbox#requests/AC1', '/inbox?code=only', '/inbox#state=only']) {
    history.replaceState(null, '', place);
    expect(answerOfProvider()).toBeUndefined();
    expect(location.pathname + location.search + location.hash).toBe(place);
  }
});

test('the button appears once a provider is known, and leads to it', async () => {
  const assign = vi.spyOn(location, 'assign').mockImplementation(() => {});
  answers['/oidc/begin'] = () => json({ url: 'https://id.example.com/auth?x=1' });
  const button = providerButton(() => {});
  expect(button.hidden).toBe(true);
  await vi.waitFor(() => expect(button.hidden).toBe(false));
  expect(button.textContent).toBe('Sign in with Team');
  button.click();
  await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('https://id.example.com/auth?x=1'));
});

test('without a provider there is no button', async () => {
  answers['/oidc'] = () => json({ name: null });
  const button = providerButton(() => {});
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  await Promise.resolve();
  expect(button.hidden).toBe(true);
});

test('a provider that is down is named, and the button works again', async () => {
  answers['/oidc/begin'] = () => json({ code: 45798, message: 'The identity provider does not answer.' }, 503);
  const reasons: string[] = [];
  const button = providerButton((why) => reasons.push(why)) as HTMLButtonElement;
  await vi.waitFor(() => expect(button.hidden).toBe(false));
  button.click();
  expect(button.textContent).toBe('Signing in…');
  await vi.waitFor(() => expect(reasons).toEqual(['The identity provider does not answer.']));
  await vi.waitFor(() => expect(button.disabled).toBe(false));
  expect(button.textContent).toBe('Sign in with Team');
});

test('the answer is exchanged once, and an admin goes back to the console', async () => {
  answers['/oidc/finish'] = () => json(ME);
  expect(await signInWith({ state: 's', code: 'c' })).toEqual(ME);
  expect(calls).toEqual([['/oidc/finish', { state: 's', code: 'c' }]]);

  const assign = vi.spyOn(location, 'assign').mockImplementation(() => {});
  const replace = vi.spyOn(location, 'replace').mockImplementation(() => {});
  answers['/oidc/begin'] = () => json({ url: 'https://id.example.com/auth' });
  history.replaceState(null, '', '/console');
  const button = providerButton(() => {});
  await vi.waitFor(() => expect(button.hidden).toBe(false));
  button.click();
  await vi.waitFor(() => expect(assign).toHaveBeenCalled());
  history.replaceState(null, '', '/inbox');
  expect(await signInWith({ state: 's', code: 'c' })).toBeUndefined();
  expect(replace).toHaveBeenCalledWith('/console');
  expect(await signInWith({ state: 's', code: 'c' })).toEqual(ME);
});
