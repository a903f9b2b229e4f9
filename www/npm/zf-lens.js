// The element looks for `embed.html` beside its own script, and that lies in `site/`.
export { ZfLens } from './site/zf-lens.js';
