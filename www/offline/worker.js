/** The page's side of its service worker: it is registered, watched for a newer version, and taken over on request. */

import { EngineError } from '../lens/engine/protocol.js';

/** @typedef {{ onNewer: () => void, onTaken: () => void }} Handlers `onNewer`: a version waits to be taken; `onTaken`: another window took it */

/** Registers the worker, once. */
export class PageWorker {
  #handlers;
  /** @type {Promise<ServiceWorkerRegistration> | null} */
  #registered = null;
  /** @type {ServiceWorker | null} */
  #waiting = null;
  #isTaking = false;

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
    if (!PageWorker.isPossible) return;
    // The first worker of a page takes it over without a word; the next ones are asked for.
    let isFirst = !PageWorker.isServing;
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (this.#isTaking) location.reload();
      else if (!isFirst) this.#handlers.onTaken();
      isFirst = false;
    });
  }

  /** Where there can be one: not over plain http, in a sandboxed frame, or in some private windows. */
  static get isPossible() {
    try {
      return Boolean(navigator.serviceWorker) && isSecureContext && Boolean(caches);
    } catch {
      return false;
    }
  }

  /** Whether one serves this page. */
  static get isServing() {
    return PageWorker.isPossible && navigator.serviceWorker.controller !== null;
  }

  register() {
    this.#registered ??= this.#register().catch((error) => {
      this.#registered = null;
      throw error;
    });
    return this.#registered;
  }

  async #register() {
    const registration = await navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI), {
      updateViaCache: 'none',
    });
    const look = () => {
      if (!registration.waiting || !registration.active) return;
      this.#waiting = registration.waiting;
      this.#handlers.onNewer();
    };
    look();
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
    return registration;
  }

  /** Waits until the page itself is on the device; fails when it did not come whole. */
  async installed() {
    let registration = await this.register();
    if (!registration.active && !registration.installing) {
      // It failed before, and nothing is left of it.
      this.#registered = null;
      registration = await this.register();
    }
    const coming = registration.installing;
    if (registration.active || !coming) return;
    await new Promise((resolve, reject) => {
      coming.addEventListener('statechange', () => {
        if (coming.state === 'activated') resolve(undefined);
        if (coming.state === 'redundant')
          reject(new EngineError('integrity', 'Expected every file of the page whole; found one that is not.'));
      });
    });
  }

  /** The newer version takes over, and the page is loaded anew. */
  take() {
    this.#isTaking = true;
    if (this.#waiting) this.#waiting.postMessage('take over');
    else location.reload();
  }
}
