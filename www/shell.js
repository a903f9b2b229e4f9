/** The frame of the page around the lens: header, footer, and the page that says how to read the prints. */
import { createHelp } from './lens/widgets/dialogs.js';
import { h, iconButton } from './lens/widgets/dom.js';

/** @import { Mounted } from './lens/mount.js' */
/** @import { Sample } from './lens/widgets/drop.js' */
/** @import { Which } from './lens/widgets/table.js' */

/**
 * @param {Mounted} mounted
 * @param {{ onTheme: () => void, onLanguage: () => void, onHome: () => void }} handlers
 */
export function createShell({ lens, drop, showEngine }, { onTheme, onLanguage, onHome }) {
  const { inLanguage, number, t } = lens.words;
  const help = createHelp();
  const badge = h('button', {
    type: 'button',
    class: 'badge',
    hidden: true,
    hint: 'engine',
    on: { click: () => void showEngine(true) },
  });
  const chosen = h('button', {
    type: 'button',
    class: 'chosen-network',
    hidden: true,
    hint: 'networkHint',
    on: { click: () => void showEngine() },
  });
  const photoCredits = h('span', {});
  const weightsCredit = h('span', {});
  const goHome = (/** @type {Event} */ event) => {
    event.preventDefault();
    onHome();
  };
  const header = h(
    'header',
    { class: 'top' },
    h('a', { class: 'wordmark', href: '#', on: { click: goHome } }, h('span', { t: 'name' })),
    drop.inputs,
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
  document.body.append(header, h('main', {}, lens.element), footer, help);
  lens.measure();
  for (const part of [header, footer, help]) lens.words.follow(part);

  return {
    help,
    footer,
    /** @param {Which} which */
    show(which) {
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
    /** @param {Sample[]} samples @param {import('./lens/engine/protocol.js').NetworkInfo | null} network */
    render(samples, network) {
      const links = samples.flatMap(({ title, author, licence, source }, at) => [
        at > 0 ? ' · ' : '',
        h('a', { href: source, rel: 'noreferrer' }, inLanguage(title)),
        // Said once of pictures of one source.
        samples[at + 1]?.source === source
          ? ''
          : ` ${author} (${licence === 'Public domain' ? t('publicDomain') : licence})`,
      ]);
      photoCredits.replaceChildren(...links);
      const { licence = '' } = /** @type {{ licence?: string }} */ (network?.provenance ?? {});
      // Its name is the same in every language; what stands around it is English.
      const named = inLanguage({ en: licence, zh: String(licence).replace(/^weights: | \(.*\)$/g, '') });
      weightsCredit.textContent = network ? t('weightsCredit', { name: network.name, licence: named }) : '';
    },
  };
}
