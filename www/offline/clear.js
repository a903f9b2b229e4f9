/** Forgets everything that this page keeps on the device, and begins anew. */

export async function clearData() {
  // Each for itself: what one window is not given, another has.
  const forget = [
    async () => {
      const scope = new URL('./', document.baseURI).href;
      for (const registration of await navigator.serviceWorker.getRegistrations())
        if (registration.scope === scope) await registration.unregister();
    },
    async () => {
      for (const name of await caches.keys()) if (name.startsWith('zf-lens-')) await caches.delete(name);
    },
    async () => void indexedDB.deleteDatabase('zf-lens-top'),
    async () => void indexedDB.deleteDatabase('zf-lens-networks'),
    async () => sessionStorage.clear(),
  ];
  for (const one of forget) await one().catch(() => {});
  location.reload();
}
