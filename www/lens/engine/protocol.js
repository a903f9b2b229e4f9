/**
 * What the page and the engine say to each other: operations with their questions and answers, and the messages that carry them.
 */

/** @typedef {import('../../pkg/cpu/zfnet_web.js').Rule} Rule */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').Stretch} Stretch */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').Preprocessing} Preprocessing */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').Backend} Backend */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').SelfTest} SelfTest */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').LayerInfo} LayerInfo */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').NetworkInfo} NetworkInfo */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').Picture} Picture */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').Crop} Crop */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').PhotoInfo} PhotoInfo */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').Maps} Maps */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').Window} FieldWindow */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').Projection} Projection */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').CheckpointFrame} CheckpointFrame */
/** @typedef {import('../../pkg/cpu/zfnet_web.js').LookNumbers} LookNumbers */

/**
 * A photograph as the page holds it: the file itself, or raw pixels where the browser had to decode it.
 * A Blob costs nothing to send, so every request can carry the photograph that it is about; see `postTo` in `client.js` for
 * Workers that cannot read one.
 * A frame of a film is handed over to the engine once, as the browser has it: `frame`, with an empty Blob; from then on it is
 * `null`, and the engine answers for it until the next one comes.
 * @typedef {{ id: string, blob: Blob, pixels: { width: number, height: number } | null, frame?: ImageBitmap | null }} Photo
 */

/**
 * The picture a question is about. The host brings the engine to it before it answers, whatever came in between:
 * after a cancelled picture, a change of backend or a restart, the answer still belongs to what the page shows.
 * @typedef {{ photo: Photo, crop: Crop | null }} Context
 */

/** The strongest unit of a map; activation 0 or less: the map is silent. @typedef {{ map: number, row: number, col: number, activation: number }} Strongest */
/** @typedef {{ layer: string, strongest: Strongest[] }} LayerSummary */
/** @typedef {{ index: number, probability: number, logit: number }} ClassScore */
/** @typedef {Omit<LookNumbers, 'layers' | 'scores'> & { layers: LayerSummary[], classes: ClassScore[] | null }} Look */
/** @typedef {{ rule: Rule, stretch: Stretch, sharedScale: number | null }} Manner */
/** @typedef {{ backend: Backend, selfTest: SelfTest }} Started */
/** A file of a network. `key`: what it is known as, if it is known; `begins`: a network starts with it. @typedef {{ key: string | null, bytes: Uint8Array, begins: boolean }} Shard */
/** What a network is put together from: first its description, the JSON of a weights file, then parts of each tensor's `count` numbers. @typedef {{ model: string, shard: import('./weights.js').Shard } | { name: string, count: number, part: Float32Array }} Piece */
/** @typedef {{ info: PhotoInfo, preview: Picture }} Opened */
/** @typedef {{ look: Look, seconds: number }} Looked */
/** @typedef {{ stage: 'program', loaded: number, total: number }} ProgramProgress */
/** @typedef {{ at: number, projections: Projection[] }} MosaicChunk */

/**
 * The experiments: methods of the engine that answer in parts, each with its question, its parts and its whole answer.
 * @typedef {object} Experiments
 * @property {{ ask: null, part: never, answer: import('../../pkg/cpu/zfnet_web.js').Square[] }} squares
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').OcclusionAsk, part: import('../../pkg/cpu/zfnet_web.js').OcclusionPart, answer: import('../../pkg/cpu/zfnet_web.js').Written }} occlusion
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').SquareAsk, part: never, answer: import('../../pkg/cpu/zfnet_web.js').SquareSeen }} occlusionAt
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').ElsewhereAsk, part: never, answer: import('../../pkg/cpu/zfnet_web.js').Projection[] }} occlusionElsewhere
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').AttributionAsk, part: import('../../pkg/cpu/zfnet_web.js').AttributionPart, answer: number }} attribution
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').AttentionAsk, part: import('../../pkg/cpu/zfnet_web.js').AttentionPart, answer: number }} attention
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').DeletionInsertionAsk, part: import('../../pkg/cpu/zfnet_web.js').DeletionInsertionPart, answer: import('../../pkg/cpu/zfnet_web.js').DeletionInsertion }} deletionInsertion
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').CorrespondenceAsk, part: import('../../pkg/cpu/zfnet_web.js').CorrespondencePart, answer: import('../../pkg/cpu/zfnet_web.js').CorrespondenceResult }} correspondence
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').RegionAsk, part: import('../../pkg/cpu/zfnet_web.js').RegionPart, answer: import('../../pkg/cpu/zfnet_web.js').RegionAnswer }} region
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').FavouriteAsk, part: import('../../pkg/cpu/zfnet_web.js').FavouritePart, answer: import('../../pkg/cpu/zfnet_web.js').FavouritePart }} favourite
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').FilterBankAsk, part: import('../../pkg/cpu/zfnet_web.js').FilterBankPart, answer: null }} filterBank
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').HierarchyAsk, part: import('../../pkg/cpu/zfnet_web.js').HierarchyPart, answer: import('../../pkg/cpu/zfnet_web.js').HierarchyResult }} hierarchy
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').InvarianceAsk, part: import('../../pkg/cpu/zfnet_web.js').InvariancePart, answer: import('../../pkg/cpu/zfnet_web.js').InvarianceFound[] }} invariance
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').TransformedAsk, part: never, answer: import('../../pkg/cpu/zfnet_web.js').Picture }} transformed
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').LearnConvAsk, part: never, answer: import('../../pkg/cpu/zfnet_web.js').LearnConvResult }} learnConv
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').LearnPoolAsk, part: never, answer: import('../../pkg/cpu/zfnet_web.js').LearnPoolResult }} learnPool
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').LearnReluAsk, part: never, answer: import('../../pkg/cpu/zfnet_web.js').LearnReluResult }} learnRelu
 * @property {{ ask: null, part: never, answer: import('../../pkg/cpu/zfnet_web.js').PreprocessingTried[] }} preprocessings
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').SharedAsk, part: never, answer: any }} shared
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').TopAsk, part: never, answer: import('../../pkg/cpu/zfnet_web.js').TopSeen }} topObserve
 * @property {{ ask: import('../../pkg/cpu/zfnet_web.js').TopTilesAsk, part: import('../../pkg/cpu/zfnet_web.js').TopTilesPart, answer: null }} topTiles
 */
/** @typedef {keyof Experiments} ExperimentName */

/**
 * @typedef {object} Operations
 * @property {{ ask: { module: string, wasm: string | null, plain: boolean | undefined }, reply: Started, chunk: ProgramProgress }} start
 * @property {{ ask: Shard, reply: NetworkInfo, chunk: never }} shard
 * @property {{ ask: Piece, reply: null, chunk: never }} assemble
 * @property {{ ask: {}, reply: NetworkInfo, chunk: never }} assembled all its pieces have come
 * @property {{ ask: { preprocessing: Preprocessing }, reply: NetworkInfo, chunk: never }} setPreprocessing how pictures enter from now on
 * @property {{ ask: { key: string }, reply: NetworkInfo | null, chunk: never }} held what a file of that key has made, if it is loaded
 * @property {{ ask: { photo: Photo }, reply: PhotoInfo, chunk: never }} photo
 * @property {{ ask: { photo: Photo, longSide: number }, reply: Opened, chunk: never }} open the same, with a picture to show
 * @property {{ ask: { context: Context }, reply: Looked, chunk: never }} look
 * @property {{ ask: { context: Context, layer: string, scale: 'own' | 'shared' }, reply: Maps, chunk: never }} maps
 * @property {{ ask: { context: Context, layer: string, units: number[], manner: Manner }, reply: Projection[], chunk: never }} units
 * @property {{ ask: { context: Context, layer: string, units: number[], manner: Manner }, reply: null, chunk: MosaicChunk }} mosaic
 * @property {{ ask: { context: Context, layer: string, map: number, manner: Manner, switches?: 'lost' }, reply: Projection, chunk: never }} wholeMap
 * @property {{ ask: { context: Context, index: number, manner: Manner }, reply: Projection, chunk: never }} classScore
 * @property {{ ask: { context: Context, bytes: Uint8Array, at: number, of: number, layer: string, map: number, manner: Manner }, reply: CheckpointFrame, chunk: never }} checkpoint
 * @property {{ ask: { context: Context | null, name: ExperimentName, ask: any, pictures: Context[] }, reply: any, chunk: any }} experiment
 * @property {{ ask: {}, reply: number, chunk: never }} memory
 */
/** @typedef {keyof Operations} Operation */

/**
 * Requests of one channel replace each other: the newest one is answered, the others fail with `superseded`.
 * The order here is the order in which waiting channels are served.
 */
export const CHANNELS = /** @type {const} */ ([
  'start',
  'shard',
  'open',
  'look',
  'unit',
  'probe',
  'album',
  'maps',
  'scale',
  'journey',
  'mosaic',
  'evolution',
  'tiles',
  'experiment',
  'memory',
  'set',
]);
/** @typedef {(typeof CHANNELS)[number]} Channel */

/**
 * @typedef {{ type: 'call', id: number, channel: Channel, op: Operation, ask: any }} CallMessage
 * @typedef {{ type: 'cancel', id: number }} CancelMessage
 * @typedef {{ type: 'leave' }} LeaveMessage nobody asks on this line any more
 * @typedef {CallMessage | CancelMessage | LeaveMessage} ToHost
 * @typedef {{ type: 'reply', id: number, value: any }} ReplyMessage
 * @typedef {{ type: 'chunk', id: number, value: any }} ChunkMessage
 * @typedef {{ type: 'failure', id: number, code: string, message: string, fatal: boolean, kind: string | null }} FailureMessage
 * @typedef {{ type: 'probed', webgpu: boolean, readsBlobs: boolean }} ProbedMessage
 * @typedef {{ type: 'ended', code: string, message: string }} EndedMessage the engine could not go on with somebody else's question
 * @typedef {ReplyMessage | ChunkMessage | FailureMessage | ProbedMessage | EndedMessage} FromHost
 */

/** A failure with a stable code; `text.js` has a sentence for each. */
export class EngineError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {boolean} [fatal] the engine cannot go on and must be started again
   * @param {string | null} [kind] what a file is that is no picture, or none that the engine reads
   */
  constructor(code, message, fatal = false, kind = null) {
    super(message);
    this.name = 'EngineError';
    this.code = code;
    this.fatal = fatal;
    this.kind = kind;
  }
}

/** What a signal may be let through by. @type {readonly Rule[]} */
export const RULES = ['deconvnet', 'guided', 'gradient'];

/**
 * What the engine refuses and the browser may know better. A picture that is cut off is not among them: browsers fill up what
 * is missing with grey, and say nothing.
 */
const UNDECIDED = ['image-decode', 'image-unsupported', 'image-not-a-picture'];

/** Whether the browser is asked before a picture is refused. @param {unknown} error of the engine */
export function isForBrowser(error) {
  // Browsers decode what such a file says it is, and show noise.
  const isContradictory = error instanceof EngineError && error.kind === 'jpeg-mixed';
  return UNDECIDED.includes(codeOf(error)) && !isContradictory;
}

/**
 * Whether a failure only says that nobody waits for the answer any more.
 * @param {unknown} error
 */
export function isAbandoned(error) {
  const code = codeOf(error);
  return code === 'aborted' || code === 'superseded';
}

/** What the browser itself refuses: that is no failure of the engine, whatever it runs on. @type {Record<string, string>} */
const REFUSALS = { AbortError: 'aborted', NotFoundError: 'unreadable', NotReadableError: 'unreadable' };

/**
 * @param {unknown} error
 * @returns {string}
 */
export function codeOf(error) {
  if (error instanceof DOMException) return REFUSALS[error.name] ?? 'browser';
  const code = /** @type {{ code?: unknown } | null} */ (error)?.code;
  return typeof code === 'string' ? code : 'execution';
}

/** Why a question ends when a newer photograph needs the same files: unlike Cancel, it stops no download. */
export const REPLACED = new DOMException('A newer photograph took its place.', 'AbortError');

/** @param {AbortSignal | undefined} signal */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw new EngineError('aborted', 'The request was cancelled.');
}

/**
 * Stops waiting for a promise when the signal fires; the work behind it goes on.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export function abortable(promise, signal) {
  if (!signal) return promise;
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const stop = () => reject(new EngineError('aborted', 'The request was cancelled.'));
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
