// The element looks for the program beside its own script, and that lies in `site/`.
export { ZfLens } from './site/zf-lens.js';
