/**
 * Several Workers for one long question, each with the program, the network and the photograph of its own. Whoever is free takes
 * the next part, and what comes of the parts is told in their order, as one Worker would tell it. The first Worker is the one
 * that answers everything else; what the others cannot do, it does.
 */
import { spawnWorker } from './client.js';
import { device } from './device.js';
import { EngineError } from './protocol.js';
import { bring } from './session.js';
import { featuresOf } from './weights.js';

/** @import { CallOptions, EngineClient } from './client.js' */
/** @import { Channel, Operation, Operations } from './protocol.js' */
/** @import { Running, Session } from './session.js' */
/** @import { AttributionAsk, AttributionPart, OcclusionAsk, OcclusionPart, ScoreCamAsk, SharedAsk, TopAsk, TopSeen } from '../../pkg/cpu/zfnet_web.js' */
/** A question, and the first Worker. @typedef {{ client: EngineClient, ask: any, options: CallOptions<any> }} Asked */
/**
 * @template T what comes of a part
 * @typedef {object} Parts
 * @property {number} count
 * @property {(client: EngineClient, at: number) => Promise<T>} part
 * @property {(client: EngineClient, found: T[], at: number) => void | Promise<void>} [tell] what there is to tell once all parts up to this one are found
 * @property {() => Promise<unknown>} [beside] what the first Worker has to do by itself
 */
/** @typedef {<T>(parts: Parts<T>) => Promise<T[]>} Share */
/** Score-CAM as one of several questions. @typedef {{ at: number, whole: ScoreCamAsk }} Masked */

/** More Workers gain less than they hold. */
const MOST = 4;
/** A device with less memory, in GiB, has no room for several networks. */
const ROOM = 4;
/** Bytes of the files of a network that there may be several of. */
const LARGEST = 64 << 20;
/** What takes less, in milliseconds, is answered before another Worker is up. */
const LONG = 200;
/** How long, in milliseconds, the others wait for the next long question before they end. */
const IDLE = 20_000;

/** Units of a mosaic that are a part: as many as one Worker tells together. */
const UNITS = 8;

/** The network has changed under a question. */
const CHANGED = new EngineError('superseded', 'Another network took its place.');

export class Crew {
  #session;
  #wish;
  /** Whether another Worker has failed, so that none is tried again. */
  #isSpoilt = false;
  /** The network that the others have. @type {Session['network']} */
  #network = null;
  /** The others, once they are up; `null` for one that does not come up. @type {Promise<EngineClient | null>[]} */
  #others = [];
  /** @type {Set<EngineClient>} */
  #living = new Set();
  /** The question of each channel that is answered now. @type {Map<Channel, object>} */
  #newest = new Map();
  /** How many questions are under way. */
  #open = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idle;

  /** @param {Session} session @param {string | null} [wish] how many Workers share a question; without it, as many as the device has room for */
  constructor(session, wish = null) {
    this.#session = session;
    this.#wish = wish;
  }

  /**
   * Asks the engine; whoever is free helps.
   * @template {Operation} K
   * @param {Running} running
   * @param {K} op
   * @param {Operations[K]['ask']} ask
   * @param {CallOptions<K>} options
   * @returns {Promise<Operations[K]['reply']>}
   */
  async ask({ client }, op, ask, options) {
    const { name, context } =
      /** @type {{ name?: keyof typeof WAYS, context?: Operations['look']['ask']['context'] | null }} */ (ask);
    const most = this.#most();
    const mine = {};
    this.#newest.set(options.channel, mine);
    const isNewest = () => this.#newest.get(options.channel) === mine;
    // A frame of a film is with the first alone.
    if (most < 2 || context?.photo.frame !== undefined) return client.call(op, ask, options);
    const way = WAYS[name ?? 'mosaic'];
    clearTimeout(this.#idle);
    this.#open++;
    try {
      return await way({ client, ask, options }, (parts) => this.#share(client, most, parts, isNewest, name), most);
    } catch (error) {
      if (error !== CHANGED) throw error;
      // The first answers it, or finds that it makes no sense any more.
      return await client.call(op, ask, options);
    } finally {
      if (--this.#open === 0) this.#idle = setTimeout(() => this.close(), IDLE);
    }
  }

  /** Ends the others. */
  close() {
    clearTimeout(this.#idle);
    this.#network = null;
    this.#others = [];
    for (const client of this.#living) client.close();
    this.#living.clear();
  }

  /** How many Workers there may be. */
  #most() {
    const { gibibytes = ROOM, isPhone } = device();
    // Two threads of a processor are often one core.
    const threads = Math.ceil((navigator.hardwareConcurrency + 1) / 2);
    if (this.#wish !== null && !/^[1-4]$/.test(this.#wish))
      throw new EngineError('out-of-range', `Expected 1 to ${MOST} workers; found ${this.#wish}.`);
    const most = this.#wish ? Number(this.#wish) : isPhone || gibibytes < ROOM ? 1 : Math.min(MOST, threads || 1);
    const files = this.#files();
    const bytes = files.reduce((sum, file) => sum + (file.bytes ?? Infinity), 0);
    // What the browser or the page has kept is not fetched again.
    const isAtHand = files.every(({ sha256, here }) => sha256 ?? here);
    return isAtHand && bytes <= LARGEST && !this.#isSpoilt ? most : 1;
  }

  /** Those that the first Worker has. */
  #files() {
    const { manifest, classifierFile } = this.#session;
    return manifest?.files.filter((file) => file !== classifierFile) ?? [];
  }

  /** What an answer rests on besides its question. @param {boolean} withClasses */
  #ground(withClasses) {
    const { manifest, network } = this.#session;
    return withClasses ? network : ((manifest && featuresOf(manifest).preprocessing) ?? manifest);
  }

  /**
   * @template T
   * @param {EngineClient} first
   * @param {number} most
   * @param {Parts<T>} parts
   * @param {() => boolean} isNewest of its channel
   * @param {keyof typeof WAYS} [name]
   * @returns {Promise<T[]>} what comes of each part
   */
  async #share(first, most, { count, part, tell, beside }, isNewest, name) {
    const withClasses = name === 'occlusion' || name === 'attribution';
    const ground = this.#ground(withClasses);
    /** @type {T[]} */
    const found = [];
    const waiting = Array.from({ length: count }, (_, at) => at);
    let told = 0;
    let isTelling = false;
    let isOver = false;

    const check = () => {
      if (this.#ground(withClasses) !== ground) throw CHANGED;
      if (!isNewest()) throw new EngineError('superseded', 'A newer request took its place.');
    };
    const work = async (/** @type {EngineClient} */ client) => {
      while (!isOver) {
        check();
        if (told in found && !isTelling) {
          isTelling = true;
          try {
            await tell?.(client, found, told);
            told++;
          } finally {
            isTelling = false;
          }
          continue;
        }
        const at = waiting.shift();
        if (at === undefined) return;
        try {
          const one = await part(client, at);
          check();
          found[at] = one;
        } catch (error) {
          waiting.unshift(at);
          throw error;
        }
      }
    };

    /** @type {Set<Promise<void>>} */
    const busy = new Set();
    const join = async (/** @type {Promise<EngineClient | null>} */ coming) => {
      const other = await coming;
      if (!other || isOver) return;
      const working = work(other)
        .catch((error) => this.#judge(other, error))
        .finally(() => busy.delete(working));
      busy.add(working);
    };
    const isUp = this.#others.length > 0 && this.#network === this.#session.network;
    const timer = setTimeout(() => this.#muster(most).forEach(join), isUp ? 0 : LONG);
    try {
      await beside?.();
      while (told < count) {
        await work(first);
        await Promise.all(busy);
      }
      return found;
    } finally {
      isOver = true;
      clearTimeout(timer);
    }
  }

  /** The others, of the network of now. @param {number} most */
  #muster(most) {
    const { network } = this.#session;
    if (this.#network !== network) this.close();
    this.#network = network;
    while (this.#others.length < most - 1) this.#others.push(this.#begin());
    return this.#others;
  }

  /** @returns {Promise<EngineClient | null>} */
  async #begin() {
    const { running, network } = this.#session;
    if (!running) return null;
    const { from } = running;
    const files = this.#files();
    const client = await spawnWorker(false, from.worker);
    if (!client) this.#isSpoilt = true;
    if (!client || this.#network !== network) return (client?.close(), null);
    this.#living.add(client);
    try {
      const { selfTest } = await client.call('start', from, { channel: 'start' });
      if (!selfTest.passed) return (this.#dismiss(client), null);
      for (const file of files) await (await bring(this.#session, file, () => {}))({ client, from });
      return client;
    } catch {
      this.#dismiss(client);
      return null;
    }
  }

  /** One that only could not answer goes on with the next question. @param {EngineClient} client @param {unknown} error */
  #judge(client, error) {
    if (error instanceof EngineError && error.fatal) this.#dismiss(client);
  }

  /** Unless it has been ended. @param {EngineClient} client */
  #dismiss(client) {
    if (!this.#living.delete(client)) return;
    client.close();
    this.#isSpoilt = true;
  }
}

/** Asks for a step of a question that is shared. @param {Asked} asked */
const within =
  ({ ask: { context }, options: { channel, signal } }) =>
  (/** @type {EngineClient} */ client, /** @type {SharedAsk} */ ask) =>
    client.call('experiment', { context, name: 'shared', ask, pictures: [] }, { channel, signal });

/** How the questions fall into parts. */
const WAYS = {
  /** Some units at a time. @param {Asked} asked @param {Share} share */
  async mosaic({ ask, options }, share) {
    const step = 3 * UNITS;
    await share({
      count: Math.ceil(ask.units.length / step),
      async part(client, at) {
        /** @type {import('./protocol.js').Projection[]} */
        let found = [];
        const units = ask.units.slice(at * step, (at + 1) * step);
        const onChunk = (/** @type {import('./protocol.js').MosaicChunk} */ chunk) => (found = chunk.projections);
        await client.call('mosaic', { ...ask, units }, { ...options, onChunk });
        return found;
      },
      tell(_, found, at) {
        options.onChunk?.({ at: at * UNITS, projections: found[at] });
        // Pictures are large.
        found[at] = [];
      },
    });
    return /** @type {any} */ (null);
  },

  /** Some squares at a time. @param {Asked} asked @param {Share} share */
  async occlusion(asked, share) {
    const put = within(asked);
    /** @type {OcclusionAsk} */
    const settings = asked.ask.ask;
    /** @type {OcclusionPart | null} */
    let last = null;
    await share({
      count: await put(asked.client, { occlusion: [settings, 'batches'] }),
      part: (client, batch) => put(client, { occlusion: [settings, { batch }] }),
      async tell(client, found, at) {
        last = await put(client, { occlusion: [settings, { joined: found.slice(0, at + 1) }] });
        asked.options.onChunk?.(last);
      },
    });
    return /** @type {OcclusionPart | null} */ (/** @type {unknown} */ (last))?.written;
  },

  /** Score-CAM some masks at a time; the other methods are the first Worker's. @param {Asked} asked @param {Share} share */
  async attribution(asked, share) {
    const put = within(asked);
    const { client, ask, options } = asked;
    const { questions, heads, batch } = /** @type {AttributionAsk} */ (ask.ask);
    /** @type {number[]} */
    const rest = [];
    /** @type {Masked[]} */
    const masked = [];
    /** @type {{ of: Masked, number: number }[]} */
    const parts = [];
    for (const [at, { method, class: index, head }] of questions.entries()) {
      if (method.method !== 'score_cam' || head !== null) {
        rest.push(at);
        continue;
      }
      const of = { at, whole: { layer: method.layer, class: index, batch } };
      const count = await put(client, { scoreCam: [of.whole, 'batches', null] });
      parts.push(...Array.from({ length: count }, (_, number) => ({ of, number })));
      masked.push(of);
    }
    if (masked.length === 0) return client.call('experiment', ask, options);
    const part = (/** @type {number} */ at) => /** @type {(typeof parts)[number]} */ (parts[at]);
    const tell = (/** @type {AttributionPart} */ one, /** @type {number | undefined} */ at) =>
      options.onChunk?.({ ...one, at });
    const beside = () =>
      client.call(
        'experiment',
        { ...ask, ask: { questions: rest.map((at) => questions[at]), heads, batch } },
        { ...options, onChunk: (/** @type {AttributionPart} */ one) => tell(one, rest[one.at]) },
      );
    await share({
      ...(rest.length > 0 && { beside }),
      count: parts.length,
      part: (client, at) => put(client, { scoreCam: [part(at).of.whole, { batch: part(at).number }, null] }),
      async tell(client, found, last) {
        const { of, number } = part(last);
        const { at, whole } = of;
        const scoresOf = (/** @type {Masked} */ one) => found.slice(0, last + 1).filter((_, at) => part(at).of === one);
        // The same method may have answered for another class.
        const before = masked
          .slice(0, masked.indexOf(of))
          .find((one) => one.whole.layer === whole.layer && one.whole.class !== whole.class);
        const other = before ? scoresOf(before) : null;
        if (number === 0) tell(await put(client, { scoreCam: [whole, { joined: [] }, null] }), at);
        tell(await put(client, { scoreCam: [whole, { joined: scoresOf(of) }, other] }), at);
      },
    });
    return questions.length;
  },

  /** Some pictures at a time, each against the winners so far. @param {Asked} asked @param {Share} share @param {number} most */
  async topObserve({ client, ask, options }, share, most) {
    const { pictures } = ask;
    const { numbers, ...known } = /** @type {TopAsk} */ (ask.ask);
    if (pictures.length < 2 || pictures.length !== numbers.length) return client.call('experiment', ask, options);
    const size = Math.min(known.together, Math.ceil(pictures.length / (2 * most)));
    /** @returns {Promise<TopSeen>} */
    const put = (
      /** @type {EngineClient} */ client,
      /** @type {number} */ from,
      /** @type {Partial<TopAsk>} */ more,
    ) => {
      const some = { ...known, numbers: numbers.slice(from, from + size), ...more };
      return client.call('experiment', { ...ask, ask: some, pictures: pictures.slice(from, from + size) }, options);
    };
    const found = await share({
      count: Math.ceil(pictures.length / size),
      part: (client, at) => put(client, at * size, {}),
    });
    const { state } = await put(client, pictures.length, { others: found.map((seen) => seen.state) });
    return { state, unread: found.flatMap(({ unread }) => unread) };
  },
};
