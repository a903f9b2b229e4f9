/** The Worker that owns the engine: one page's own, or one that all lenses of a page share. */
import { createHost } from './host.js';
import { Model } from './model.js';
import { adapterKind } from './probe.js';

/** @typedef {{ postMessage: (message: unknown, transfer: Transferable[]) => void, onmessage: ((event: MessageEvent) => void) | null }} Port */

const scope = /** @type {DedicatedWorkerGlobalScope | SharedWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const open = createHost(new Model(), () => 'onconnect' in scope && scope.close());

/** @param {Port} port */
function serve(port) {
  const receive = open((message, transfer) => port.postMessage(message, transfer));
  port.onmessage = async ({ data, ports }) => {
    // One more of the same page.
    if (data?.type === 'join') return ports.forEach(serve);
    if (data?.type !== 'probe') return receive(data);
    const webgpu = data.withAdapter && (await adapterKind()) !== 'none';
    const readsBlobs = await data.blob.arrayBuffer().then(
      () => true,
      () => false,
    );
    port.postMessage({ type: 'probed', webgpu, readsBlobs }, []);
  };
}

if ('onconnect' in scope) scope.onconnect = ({ ports }) => ports.forEach(serve);
else serve(scope);
