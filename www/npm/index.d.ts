/** What `import "zf-lens"` brings: the element, defined as `<zf-lens>`, and what the page's own types know of it. */
import type { State, ZfLens } from "./zf-lens.js";

export { ZfLens } from "./zf-lens.js";
export type { State } from "./zf-lens.js";

declare global {
  interface HTMLElementTagNameMap {
    "zf-lens": ZfLens;
  }
  interface HTMLElementEventMap {
    "zf-ready": CustomEvent<{ state: State }>;
    "zf-change": CustomEvent<{ state: State }>;
    "zf-result": CustomEvent<{ state: State }>;
    "zf-error": CustomEvent<{ code: string; message: string }>;
  }
}
