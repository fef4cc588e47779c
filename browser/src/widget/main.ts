import { importFrom } from './chunks';
import type { FilesChunk, WithFiles } from './files-loader';
import { fromBrowser } from './from-browser';
import type { LanguageCode } from './languages';
import type { Translation } from './languages/wording';
import type { WindowChunk, WithWindow } from './launcher';
import { optionsOf, type RawOptions } from './options';
import { webchatOf, type Changes, type Placed, type Webchat } from './webchat';

/** The files that browser/build.mjs makes of window-chunk.ts, files/chunk.ts and languages/. */
declare const WINDOW_CHUNK: string;
declare const FILES_CHUNK: string;
declare const LANGUAGE_CHUNKS: Partial<Record<LanguageCode, string>>;

/** A script of type=module cannot find out which element it is. */
const script = (document.currentScript ?? document.querySelector('script[data-deployment-key]')) as HTMLScriptElement | null;

/**
 * The chat on this page, for the case that the script runs again: a tag manager beside the template, a framework that runs the
 * scripts of a new body, another version of this script. All versions must understand what is stored here.
 */
interface Kept {
  /** `initWebchat` was called again. */
  again(raw: RawOptions | string): Webchat;
  /** Another script was evaluated. If this one's window cannot be loaded, as after an upgrade of the server, that script goes on. */
  replaced?(windowChunk: string, init: (raw: RawOptions) => Webchat): void;
}

const KEPT = Symbol.for('parlour.webchat');
const page = window as unknown as { [KEPT]?: Kept };

/** How many times in a row the host is put back after another script has removed it at once. */
const TIMES_PUT_BACK = 20;
const AT_ONCE_MS = 100;

/** How soon three presses of Escape follow each other. */
const ESCAPES_MS = 2_000;

const warn = (warning: string) => console.warn(warning);

/**
 * A chat that took another version's place is not replaced for this long: while a proxy asks nodes of two versions in turn, each
 * version would find the other one's script instead of its window, for ever.
 */
const TAKEOVER_PAUSE_MS = 60_000;

/** Puts the chat on the page once. If called again, it returns that chat. */
function initWebchat(raw: RawOptions | string): Webchat {
  return page[KEPT]?.again(raw) ?? begin(raw);
}

/** @param replaceableFrom the time since the page was opened, in milliseconds, before which no other version takes over */
function begin(raw: RawOptions | string, replaceableFrom = 0): Webchat {
  const options = optionsOf(raw, warn);
  if (!options.server && !script?.src) warn('Parlour: the address of this script is not known; pass `server`');
  const server = options.server ?? (script?.src ? new URL(script.src).origin : location.origin);
  const gone = new AbortController();
  const { signal } = gone;
  if (document.readyState !== 'loading') checkTarget(options.target);
  let given = asObject(raw);
  let isReplaceable = false;
  const loadWindow = windowFrom(server, replaceableFrom, (is) => (isReplaceable = is));
  const made = webchatOf({ ...dependencies(server, options.deploymentKey, signal), loadWindow }, options);
  let now: Webchat = made;
  const listening = listenersOf(() => now);
  const place = onPage(made, options.target, signal);
  if (options.exit) onThreeEscapes(made, signal);
  const remove = () => {
    gone.abort();
    made.destroy();
    if (page[KEPT] === kept) delete page[KEPT];
  };
  const webchat: Webchat = {
    open: () => now.open(),
    close: () => now.close(),
    end: () => now.end(),
    reset: () => now.reset(),
    exit: () => now.exit(),
    send: (text) => now.send?.(text) ?? false, // an older version may go on after a downgrade
    update(changes) {
      const next = changed(given, changes);
      const checked = optionsOf(next, warn);
      given = next;
      if (now === made) made.update(checked);
      else now.update?.(changes);
    },
    destroy() {
      remove();
      if (now !== made) now.destroy();
    },
    on: listening.on,
  };
  const kept: Kept = {
    again(other) {
      const { context } = optionsOf(other, warn);
      if (typeof other !== 'string' && other.context) {
        options.context = context;
        given = { ...given, context };
      }
      const ignored = differences(given, asObject(other)).filter((name) => name !== 'context');
      if (ignored.length) warn(`Parlour: the chat is on this page already, and its ${ignored.join(', ')} stay as they are: call update()`);
      place();
      return webchat;
    },
    replaced(windowChunk, init) {
      if (!isReplaceable || windowChunk === WINDOW_CHUNK) return;
      const isAwaited = made.isAwaited();
      const next = { ...(given as unknown as RawOptions), context: options.context, server };
      remove();
      try {
        now = init(next);
      } catch (failure) {
        console.error(failure); // an option that this other version does not take
        now = begin(next, performance.now() + TAKEOVER_PAUSE_MS);
      }
      listening.again();
      if (isAwaited) now.open();
    },
  };
  page[KEPT] = kept;
  return webchat;
}

/**
 * Loads the window. If it cannot, the script of the server's version runs, and can take this chat over.
 *
 * @param replaceable receives whether it can at the moment
 */
function windowFrom(server: string, replaceableFrom: number, replaceable: (is: boolean) => void): WithWindow['loadWindow'] {
  return (attempt) =>
    (importFrom(server, WINDOW_CHUNK, attempt) as Promise<WindowChunk>).catch(async (failure: unknown) => {
      if (performance.now() < replaceableFrom) throw failure;
      replaceable(true);
      await importFrom(server, 'webchat.js', Date.now()).finally(() => replaceable(false));
      throw failure; // the server has the same version
    });
}

/** The page's listeners, which `again` adds to the chat of another version that goes on. */
function listenersOf(current: () => Webchat): Pick<Webchat, 'on'> & { again(): void } {
  const listening = new Set<() => void>();
  return {
    on(event, listener) {
      let stop = current().on(event, listener);
      const again = () => void (stop = current().on(event, listener));
      listening.add(again);
      return () => {
        listening.delete(again);
        stop();
      };
    },
    again() {
      for (const again of listening) again();
    },
  };
}

/** Puts the chat on the page as soon as it can, and passes on the page's events. Returns a function that puts it there again. */
function onPage(made: Placed, target: Element | string | undefined, signal: AbortSignal): () => void {
  const place = keptInPlace(made.host, target, signal, () => made.placed());
  if (document.body && (target === undefined || document.readyState !== 'loading' || elementOf(target))) place();
  else addEventListener('DOMContentLoaded', () => {
    checkTarget(target);
    place();
  }, { signal });
  addEventListener('online', () => made.wake(true), { signal });
  addEventListener('offline', () => made.offline(), { signal });
  addEventListener('pageshow', () => made.wake(false), { signal });
  document.addEventListener('visibilitychange', () => made.wake(false), { signal });
  return place;
}

/** The first press prepares the end, which has to be sent soon after the third. */
function onThreeEscapes(made: Placed, signal: AbortSignal): void {
  let times: number[] = [];
  addEventListener('keydown', ({ key, repeat, timeStamp }) => {
    if (repeat) return;
    times = key === 'Escape' ? [timeStamp, ...times.slice(0, 2)] : [];
    if (timeStamp - (times[2] ?? NaN) < ESCAPES_MS) made.exit();
    else if (times[0]) made.prepareEnd();
  }, { signal, capture: true });
}

const asObject = (raw: RawOptions | string): Record<string, unknown> => (typeof raw === 'string' ? { deploymentKey: raw } : { ...raw });

/** The options after a change, which merges texts and theme, and replaces the context. */
function changed(given: Record<string, unknown>, changes: Changes): Record<string, unknown> {
  const unknown = Object.keys(changes ?? {}).filter((name) => !['context', 'theme', 'texts'].includes(name));
  if (unknown.length) throw new Error(`Parlour: update() takes context, theme and texts; to change ${unknown.join(', ')}, call destroy() and initWebchat() again`);
  const merged = (name: 'theme' | 'texts') => (changes[name] === undefined ? {} : { [name]: isObject(changes[name]) ? { ...(given[name] as object), ...changes[name] } : changes[name] });
  return { ...given, ...(changes.context === undefined ? {} : { context: changes.context }), ...merged('theme'), ...merged('texts') };
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The names of the options that differ from before. */
function differences(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  return Object.keys(now).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
}

function elementOf(target: Element | string): Element | null {
  return typeof target === 'string' ? document.querySelector(target) : target;
}

function checkTarget(target: Element | string | undefined): void {
  if (target === undefined || elementOf(target)) return;
  throw new Error(`Parlour: target must be an element of this page, and there is none for ${String(target)}`);
}

/**
 * Returns a function that puts the host into the page, also again after it was removed. The host is put beside the body, because
 * some frameworks replace the body, and because the body's layout and effects belong to the page.
 */
function keptInPlace(host: HTMLElement, target: Element | string | undefined, signal: AbortSignal, placed: () => void): () => void {
  let times = 0;
  let last = 0;
  const place = () => {
    const root = document.documentElement;
    if (signal.aborted || host.isConnected || !root) return;
    const parent = target === undefined ? root : elementOf(target);
    if (!parent) return; // until the page has it again
    parent.append(host);
    if (target === undefined && carriesFixedElements(getComputedStyle(root)) && host.showPopover) {
      host.popover = 'manual';
      host.showPopover();
    }
    observer.observe(root, { childList: true });
    placed();
  };
  const observer = new MutationObserver(() => {
    if (host.isConnected || (target !== undefined && !elementOf(target)?.isConnected)) return;
    const now = performance.now();
    times = now - last < AT_ONCE_MS ? times + 1 : 0;
    last = now;
    if (times < TIMES_PUT_BACK) return place();
    observer.disconnect();
    warn('Parlour: another script keeps removing the chat from the page');
  });
  observer.observe(document, { childList: true, subtree: target !== undefined });
  signal.addEventListener('abort', () => observer.disconnect());
  return place;
}

/** Whether fixed elements move with the page (CSS Position 3 §2.1); elements in the top layer do not. */
function carriesFixedElements(style: CSSStyleDeclaration): boolean {
  const effects = [style.transform, style.translate, style.rotate, style.scale, style.perspective];
  return (
    effects.some((effect) => effect && effect !== 'none') ||
    /layout|paint|strict|content/.test(style.contain) ||
    /transform|translate|rotate|scale|perspective|contain|filter/.test(style.willChange)
  );
}

function dependencies(server: string, deploymentKey: string, signal: AbortSignal): WithFiles & Omit<WithWindow, 'loadWindow'> {
  return {
    ...fromBrowser(server, deploymentKey, signal),
    loadLanguage: async (code, attempt) => ((await importFrom(server, LANGUAGE_CHUNKS[code] ?? '', attempt)) as { default: Translation }).default,
    loadFiles: (attempt) => importFrom(server, FILES_CHUNK, attempt) as Promise<FilesChunk>,
  };
}

page[KEPT]?.replaced?.(WINDOW_CHUNK, (raw) => begin(raw, performance.now() + TAKEOVER_PAUSE_MS));
window.Parlour = { ...window.Parlour, initWebchat };
// Pages of the client that this API was made for also ask for its logger.
window.Twilio = { initLogger() {}, getLogger: () => console, ...window.Twilio, initWebchat };
const key = script?.dataset['deploymentKey'];
if (key) initWebchat(key);
