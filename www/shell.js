/** The frame of the page: header, landing, the table with its columns, footer, dialogs, live region. */
import { createEnginePage, createHelp } from './lens/widgets/dialogs.js';
import { h, iconButton } from './lens/widgets/dom.js';
import { keepFocus } from './lens/widgets/focus.js';
import { createToast } from './lens/widgets/toast.js';

/** @import { Lens } from './lens/lens.js' */
/** @import { Sample } from './lens/widgets/drop.js' */

/**
 * @typedef {object} Parts
 * @property {ReturnType<typeof import('./lens/widgets/drop.js').createDrop>} drop
 * @property {ReturnType<typeof import('./lens/widgets/notice.js').createNotice>} notice
 * @property {HTMLElement} stages
 * @property {import('./lens/view/viewer.js').Widgets} widgets
 * @property {HTMLElement} tabs
 * @property {HTMLElement} panel what they open
 * @property {HTMLElement} drawing of the network
 * @property {HTMLElement} part where the tabs beside the first stand
 * @property {() => void} onTheme
 * @property {() => void} onLanguage
 * @property {() => void} onEngine
 * @property {() => void} onHome
 */

/** @param {Lens} lens @param {Parts} parts */
export function createShell(lens, parts) {
  const { t, number, inLanguage } = lens.words;
  const { drop, notice, stages, widgets, onTheme, onLanguage, onEngine, onHome } = parts;
  const help = createHelp();
  const enginePage = createEnginePage(lens);
  const badge = h('button', { type: 'button', class: 'badge', hidden: true, hint: 'engine', on: { click: onEngine } });
  const chosen = h('button', {
    type: 'button',
    class: 'chosen-network',
    hidden: true,
    hint: 'networkHint',
    on: { click: onEngine },
  });
  const live = h('div', { class: 'unseen', 'aria-live': 'polite' });
  const photoCredits = h('span', {});
  const weightsCredit = h('span', {});
  const { stage, journey, explorer, inspector, classes, counter } = widgets;
  journey.slot.append(stages);
  explorer.slot.append(counter.element);
  const name = h('h1', { class: 'unseen', t: 'name' });
  const toast = createToast();
  const table = h(
    'div',
    { class: 'table', hidden: true },
    name,
    h('div', { class: 'left' }, stage.element, classes.element),
    parts.tabs,
    parts.panel,
  );
  parts.panel.append(journey.element, parts.drawing, explorer.element, inspector.element, parts.part);
  const header = h(
    'header',
    { class: 'top' },
    h(
      'a',
      {
        class: 'wordmark',
        href: '#',
        on: { click: (/** @type {Event} */ event) => (event.preventDefault(), onHome()) },
      },
      h('span', { t: 'name' }),
    ),
    drop.header,
    h('span', { class: 'promise', t: 'private' }),
    h(
      'div',
      { class: 'tools' },
      chosen,
      badge,
      h('button', { type: 'button', class: 'button', t: 'language', on: { click: onLanguage } }),
      iconButton('theme', 'theme', onTheme),
      iconButton('help', 'help', () => help.showModal()),
    ),
  );
  const footer = h(
    'footer',
    {},
    h('p', { t: 'method' }),
    h(
      'p',
      {},
      h('span', { t: 'credits' }),
      ' ',
      photoCredits,
      ' ',
      h('a', { href: 'samples/CREDITS.md', t: 'creditsMore' }),
    ),
    h('p', {}, weightsCredit),
  );
  const main = h('main', {}, notice.element, drop.landing, table, drop.input);
  document.body.append(header, main, footer, drop.veil, help, enginePage.element, live, toast.element);
  // A picture has come, or gone: one goes on at the tab that is open, or at the top.
  keepFocus(() => {
    const tab = /** @type {HTMLElement | null} */ (parts.tabs.querySelector('[aria-current]'));
    if (tab?.checkVisibility()) return tab;
    return table.checkVisibility() ? name : drop.landing.querySelector('h1');
  });

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let speaking;

  return {
    enginePage,
    help,
    table,
    /** @param {'landing' | 'table' | 'alone'} which `alone`: a tab without a photograph beside it */
    show(which) {
      drop.landing.hidden = which !== 'landing';
      table.hidden = which === 'landing';
      table.classList.toggle('alone', which === 'alone');
      document.body.classList.toggle('has-table', which !== 'landing');
    },
    /** @param {import('./lens/engine/session.js').Running} running @param {number | null} seconds that a look took @param {string} network */
    drawBadge({ backend, why }, seconds, network) {
      chosen.hidden = network === '';
      chosen.textContent = network;
      const name = t(backend);
      badge.hidden = false;
      badge.replaceChildren(seconds ? t('badge', { backend: name, seconds: number(seconds, 2) }) : name);
      if (seconds) badge.append(h('span', { class: 'wide' }, t('badgeMore')));
      badge.classList.toggle('fallback', why === 'selftest-failed' || why === 'device-lost');
    },
    /** What changes is read out, but not more often than it can be heard. @param {string} words */
    say(words) {
      clearTimeout(speaking);
      speaking = setTimeout(() => (live.textContent = words), 400);
    },
    /** What was done, over the page. */
    toast: toast.say,
    /** @param {Sample[]} samples @param {import('./lens/engine/protocol.js').NetworkInfo | null} network */
    credit(samples, network) {
      const links = samples.flatMap(({ title, author, licence, source }, at) => [
        at > 0 ? ' · ' : '',
        h('a', { href: source, rel: 'noreferrer' }, inLanguage(title)),
        // Said once of pictures of one source.
        samples[at + 1]?.source === source ? '' : ` ${author} (${licence === 'Public domain' ? t('publicDomain') : licence})`,
      ]);
      photoCredits.replaceChildren(...links);
      const { licence = '' } = /** @type {{ licence?: string }} */ (network?.provenance ?? {});
      // Its name is the same in every language; what stands around it is English.
      const named = inLanguage({ en: licence, zh: String(licence).replace(/^weights: | \(.*\)$/g, '') });
      weightsCredit.textContent = network ? t('weightsCredit', { name: network.name, licence: named }) : '';
    },
  };
}
