export const workerOf = ({ active, waiting, installing }: ServiceWorkerRegistration) => active ?? waiting ?? installing;

/** The words of an agent's notifications, in the browser's cache, which the page and its worker share. */
export const WORDS = '/inbox-worker.js/words';

/** A browser subscribes only a worker that is active. */
export function activated(registration: ServiceWorkerRegistration): Promise<void> {
  return new Promise((resolve, reject) => {
    if (registration.active) return resolve();
    const worker = workerOf(registration);
    const look = () => {
      if (worker?.state === 'activated') resolve();
      if (worker?.state === 'redundant') reject(new Error('the service worker failed'));
    };
    worker?.addEventListener('statechange', look);
    look();
  });
}
