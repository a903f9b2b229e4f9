/**
 * Brings what is shown to what is wanted: compares the view with what was asked of the engine last, and asks for the rest.
 * It knows nothing of the address or of how a photograph came in.
 */
import { Prints } from './prints.js';
import { Projections } from './projections.js';
import { Questions } from './questions.js';
import { isOpen, milestonesOf, resolve, subjectOf, targetOf, windowOf } from './target.js';
import { orderOf } from '../widgets/explorer.js';
import { setGrey } from '../widgets/paint.js';

/** @import { Channel, Maps, Projection } from '../engine/protocol.js' */
/** @import { Session } from '../engine/session.js' */
/** @import { View } from './state.js' */
/** @import { Target } from './target.js' */
/** @import { Spot } from '../widgets/explorer.js' */
/**
 * A photograph that has been looked at.
 * @typedef {object} Shown
 * @property {import('../engine/protocol.js').Context} context
 * @property {import('../engine/protocol.js').PhotoInfo} info
 * @property {import('../engine/protocol.js').Picture} preview
 * @property {import('../engine/protocol.js').Look} look
 * @property {number} seconds
 * @property {import('../engine/protocol.js').NetworkInfo} network
 * @property {string | null} sample
 */
/**
 * What is laid over the photograph in place of the chosen unit.
 * @typedef {Pick<Projection, 'window' | 'projection' | 'unit' | 'activation'>} Pinned
 */
/**
 * @typedef {object} Widgets
 * @property {ReturnType<typeof import('../widgets/stage.js').createStage>} stage
 * @property {ReturnType<typeof import('../widgets/journey.js').createJourney>} journey
 * @property {ReturnType<typeof import('../widgets/explorer.js').createExplorer>} explorer
 * @property {ReturnType<typeof import('../widgets/inspector.js').createInspector>} inspector
 * @property {ReturnType<typeof import('../widgets/classes.js').createClasses>} classes
 * @property {ReturnType<typeof import('../widgets/progress.js').createCounter>} counter
 */

export class Viewer {
  /** @type {Shown | null} */
  shown = null;
  /** @type {View} */
  view;
  /** @type {Spot | null} */
  hover = null;
  /** While the part is dragged, only what can keep up is drawn again. */
  dragging = false;
  /** Whether what is on view is a frame of a film, which the next one follows. */
  isFilm = false;

  #session;
  #onUpdate;
  #widgets;
  #questions;
  #projections;
  /** @type {Maps | null} */
  #maps = null;
  /** @type {{ target: Target, key: string } | null} the projection to make when the engine is free */
  #next = null;
  #projecting = false;
  /** @type {Pinned | null} */
  #pinned = null;

  /**
   * @param {Session} session
   * @param {Widgets} widgets
   * @param {View} view
   * @param {{ onError: (error: unknown) => void, onBusy: (busy: boolean) => void, onUpdate: () => void, onFirst: () => void }} hooks
   */
  constructor(session, widgets, view, hooks) {
    this.#session = session;
    this.#onUpdate = hooks.onUpdate;
    this.#projections = new Projections(session);
    this.#widgets = widgets;
    this.prints = new Prints(session, this.#projections, widgets.journey, () => {
      if (!this.shown || !isOpen(this.view)) return;
      this.update();
      hooks.onFirst();
    });
    this.#questions = new Questions({
      ...hooks,
      onError: (error) => {
        widgets.counter.stop();
        widgets.explorer.setBusy(false);
        hooks.onError(error);
      },
    });
    this.view = view;
  }

  get busy() {
    return this.#questions.busy;
  }

  /** What is pointed at or chosen, with every default filled in. */
  get target() {
    return this.shown && targetOf(this.resolved, this.hover);
  }

  /** The view with every default filled in. */
  get resolved() {
    return this.shown ? resolve(this.view, this.shown, this.prints.first) : this.view;
  }

  /** The same as the address holds it, which does not speak of what is not known yet. */
  get addressed() {
    // Which unit is the strongest is another matter with every frame.
    if (this.isFilm) return { ...this.view, sample: null };
    return this.shown && this.#isWaiting ? { ...this.view, sample: this.shown.sample } : this.resolved;
  }

  /** What is chosen of a layer, or is shown where nothing was. @returns {Partial<View>} */
  get chosen() {
    const { layer, map, unit } = this.resolved;
    return { layer, map, unit };
  }

  /** Whether what a visit begins with is still to be found. */
  get #isWaiting() {
    return isOpen(this.view) && this.prints.first === null;
  }

  get maps() {
    return this.#maps;
  }

  get projection() {
    return this.#widgets.inspector.shown;
  }

  get stage() {
    return this.#widgets.stage;
  }

  get classes() {
    return this.#widgets.classes;
  }

  /**
   * The class scores came later; nothing else about the picture has changed.
   * @param {import('../engine/protocol.js').Look} look
   * @param {import('../engine/protocol.js').NetworkInfo} network
   */
  setClasses(look, network) {
    if (!this.shown) return;
    this.shown = { ...this.shown, look: { ...this.shown.look, classes: look.classes, fit: look.fit }, network };
    this.#widgets.inspector.setNetwork(network);
    this.update();
  }

  /**
   * Resolves when every question has been answered, when it is no longer worth waiting, or after so many milliseconds.
   * @param {number} limit
   * @param {() => boolean} isOver
   */
  async rested(limit, isOver) {
    const end = performance.now() + limit;
    while (this.busy && !isOver() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 30));
  }

  /** Resolves as soon as everything that was asked of a frame has been answered. */
  drawn() {
    return this.#questions.rested();
  }

  /** Leaves every question about the picture that was shown, so that none of them brings the engine back to it. */
  leave() {
    this.#questions.dropAll();
    this.#next = null;
    this.#widgets.counter.stop();
    this.#widgets.explorer.setBusy(false);
  }

  /** Out of sight nothing is asked; what was under way is asked again when it is seen. @param {boolean} isParked */
  park(isParked) {
    this.#questions.isParked = isParked;
    if (isParked) this.leave();
    this.update();
  }

  /** @param {Shown | null} shown */
  show(shown) {
    this.leave();
    this.shown = shown;
    this.isFilm = false;
    this.hover = null;
    this.#pinned = null;
    this.#projections.forget();
    this.prints.forget();
    this.#maps = null;
    if (shown) {
      const { network } = shown;
      this.#widgets.stage.setInputSize(network.inputSize);
      this.#widgets.journey.setLayers(infosOf(network, milestonesOf(shown)), network.inputSize);
      this.#widgets.inspector.setNetwork(network);
    }
    this.update();
  }

  /**
   * The next frame of a film: what is chosen and pointed at stays, and what is drawn stays until the same of this frame has come.
   * @param {Shown} shown
   */
  turn(shown) {
    this.leave();
    this.shown = shown;
    this.isFilm = true;
    this.#projections.forget();
    this.prints.turn();
    this.update();
  }

  /** A frame of a film that stays is a photograph. @param {import('../engine/protocol.js').Photo} photo */
  settle(photo) {
    const { shown } = this;
    this.isFilm = false;
    if (shown) this.shown = { ...shown, context: { ...shown.context, photo }, preview: this.#widgets.stage.picture() };
  }

  update() {
    const { shown, view } = this;
    if (!shown) return this.#onUpdate();
    const { stage, journey, explorer, inspector, classes } = this.#widgets;
    const full = this.resolved;
    const layer = full.layer ?? '';
    const info = shown.network.layers.find(({ name }) => name === layer);
    const summary = shown.look.layers.find((entry) => entry.layer === layer);
    if (!info || !summary) return;

    if (!this.dragging) stage.setCrop(shown.info, shown.look.crop);
    journey.choose(
      full.classIndex === null ? layer : null,
      `${layer} ${full.whole ? full.map : [full.map, ...(full.unit ?? [])].join(',')}`,
      this.isFilm,
    );
    classes.set({ network: shown.network, scores: shown.look.classes, fit: shown.look.fit, chosen: full.classIndex });
    if (setGrey(full.colour === 'grey')) {
      journey.redraw();
      inspector.redraw();
    }
    inspector.setManner(full);
    inspector.rest(isOpen(view));
    // The projections of a whole layer take longer than a frame is there.
    const show = this.isFilm ? 'maps' : full.show;
    explorer.set({
      layer,
      strongest: summary.strongest,
      info,
      sort: full.sort,
      show,
      isFilm: this.isFilm,
    });
    explorer.choose(
      full.classIndex === null && full.map !== null && !this.#isWaiting
        ? { map: full.map, row: full.unit?.[0] ?? 0, col: full.unit?.[1] ?? 0 }
        : null,
    );

    const { rule, stretch, scale, sort } = full;
    /** @type {(channel: Channel, words: unknown[], act: (signal: AbortSignal) => Promise<void>) => void} */
    const ask = (channel, words, act) => void this.#questions.ask(channel, JSON.stringify(words), act);
    ask('journey', [rule, stretch, ...this.prints.at], (signal) =>
      this.prints.draw(shown, view, { isBrief: this.dragging || this.isFilm, isFilm: this.isFilm }, signal),
    );
    if (!this.dragging) ask('maps', [layer, scale], (signal) => this.#drawMaps(layer, scale, signal));
    if (this.dragging) this.stopMosaic();
    else if (show === 'projections' && full.tab === 'explore') {
      ask('mosaic', [layer, rule, stretch, scale, sort], (signal) => this.#drawMosaic(layer, info, signal));
    } else if (this.#questions.holds('mosaic')) {
      this.stopMosaic();
      if (this.#maps?.layer === layer) explorer.setMaps(this.#maps);
    }
    this.point(this.hover);
    this.#onUpdate();
  }

  stopMosaic() {
    this.#questions.drop('mosaic');
    this.#widgets.counter.stop();
    this.#widgets.explorer.setBusy(false);
  }

  /** Shows a unit without choosing it; `null` returns to the chosen one. @param {Spot | null} spot */
  point(spot) {
    this.hover = spot;
    const target = this.target;
    const { shown } = this;
    if (!target || !shown || (this.#isWaiting && !spot && target.kind !== 'class')) return;
    const { inspector } = this.#widgets;
    inspector.setSubject(subjectOf(target, shown, this.#maps));
    // Between two frames the photograph would flicker without it.
    if (!this.isFilm) this.#pointStage(windowOf(target, shown.network), null, target.kind !== 'unit');
    const { rule, stretch, scale } = this.resolved;
    const key = JSON.stringify([target, rule, stretch, scale]);
    if (this.#questions.holds('unit', key) && !this.#next) {
      if (inspector.shown && !this.#projecting)
        this.#pointStage(inspector.shown.window, inspector.shown.projection, target.kind !== 'unit');
      return;
    }
    this.#next = { target, key };
    void this.#project();
  }

  /** Shows on the photograph what a layer's print is of. @param {string | null} layer */
  pointLayer(layer) {
    const found = layer ? this.prints.get(layer) : (this.#pinned ?? this.#widgets.inspector.shown);
    if (found) this.#widgets.stage.point(found.window, pictureOf(found), !found.unit);
  }

  /** Shows a projection of another tab on the photograph, in place of the chosen unit's; `null` returns to that. @param {Pinned | null} found */
  pin(found) {
    if (this.#pinned === found) return;
    this.#pinned = found;
    if (found) this.pointLayer(null);
    else this.point(this.hover);
  }

  /** @param {import('../engine/protocol.js').FieldWindow} seen @param {import('../engine/protocol.js').Picture | null} projection @param {boolean} whole */
  #pointStage(seen, projection, whole) {
    if (this.#pinned) this.pointLayer(null);
    else this.#widgets.stage.point(seen, projection, whole);
  }

  /**
   * How projections of a layer are to be drawn now.
   * @param {string} layer
   * @param {AbortSignal} signal
   */
  manner(layer, signal) {
    return this.#projections.manner(/** @type {Shown} */ (this.shown), this.view, layer, signal);
  }

  /** One projection at a time: while one is made, only the newest wish is kept, and each result is shown as it comes. */
  async #project() {
    if (this.#projecting) return;
    this.#projecting = true;
    while (this.#next) {
      const { target, key } = this.#next;
      this.#next = null;
      await this.#questions.ask('unit', key, async (signal) => {
        const found = this.shown && (await this.#projections.of(this.shown, this.view, target, signal));
        const { inspector } = this.#widgets;
        if (!found || !this.shown) return;
        const now = this.target;
        if (now && JSON.stringify(now) === JSON.stringify(target)) {
          inspector.setSubject(subjectOf(target, this.shown, this.#maps, found.activation));
          this.#pointStage(found.window, pictureOf(found), target.kind !== 'unit');
        }
        inspector.show(found);
        // A tab may stand something beside it.
        if (this.view.tab !== 'explore') this.#onUpdate();
      });
    }
    this.#projecting = false;
  }

  /** Shows another unit of a layer in its print. @param {string} layer */
  nextPrint(layer) {
    this.prints.next(layer);
    this.update();
  }

  /** @param {string} layer @param {'own' | 'shared'} scale @param {AbortSignal} signal */
  async #drawMaps(layer, scale, signal) {
    const { context } = /** @type {Shown} */ (this.shown);
    const maps = await this.#session.call('maps', { context, layer, scale }, { channel: 'maps', signal });
    this.#maps = maps;
    this.#widgets.explorer.setMaps(maps);
    this.#widgets.inspector.setMaps(maps);
  }

  /**
   * @param {string} layer
   * @param {import('../engine/protocol.js').LayerInfo} info
   * @param {AbortSignal} signal
   */
  async #drawMosaic(layer, info, signal) {
    const shown = /** @type {Shown} */ (this.shown);
    const { context, look } = shown;
    const { explorer, counter } = this.#widgets;
    const strongest = look.layers.find((entry) => entry.layer === layer)?.strongest ?? [];
    const order = orderOf(strongest, this.view.sort).filter((map) => (strongest[map]?.activation ?? 0) > 0);
    const units = order.flatMap((map) => [map, strongest[map]?.row ?? 0, strongest[map]?.col ?? 0]);
    explorer.startMosaic(strongest.length, info.field.size);
    explorer.setBusy(true);
    counter.set(0, order.length);
    const manner = await this.#projections.manner(shown, this.view, layer, signal);
    await this.#session.call(
      'mosaic',
      { context, layer, units, manner },
      {
        channel: 'mosaic',
        signal,
        onChunk: ({ at, projections }) => {
          explorer.addTiles(projections);
          counter.set(at + projections.length, order.length);
        },
      },
    );
    explorer.setBusy(false);
  }
}

/** A silent unit has nothing to be laid over the photograph. @param {Pinned} found */
function pictureOf({ activation, projection }) {
  return activation === 0 ? null : projection;
}

/** @param {Shown['network']} network @param {Shown['look']['layers']} of */
function infosOf(network, of) {
  return network.layers.filter(({ name }) => of.some(({ layer }) => layer === name));
}
