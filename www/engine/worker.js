/** The Worker that owns the engine. */
import { createHost } from './host.js';
import { adapterKind } from './probe.js';

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const receive = createHost((message, transfer) => scope.postMessage(message, transfer));

scope.onmessage = async ({ data }) => {
  if (data?.type === 'probe') {
    const webgpu = data.withAdapter && (await adapterKind()) !== 'none';
    scope.postMessage({ type: 'probed', webgpu });
  } else {
    receive(data);
  }
};
