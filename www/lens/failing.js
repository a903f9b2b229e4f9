/** How a lens does: its state in a word, and what went wrong, said and taken back. */
import { reasonOf } from './failure.js';
import { createNotice, remedyOf } from './widgets/notice.js';

/** @import { Lens } from './lens.js' */
/** @import { Around } from './mount.js' */

/**
 * @param {Lens} lens
 * @param {Around} around
 * @param {object} now what is asked when it is to be said
 * @param {() => 'loading' | 'running' | 'ready' | 'idle'} now.phase where nothing failed
 * @param {() => boolean} now.isWorking on the way to a photograph: what failed before is of no concern
 * @param {() => boolean} now.hasResult
 * @param {() => void} now.retry
 * @param {() => void} now.onFailed
 * @param {(words: string) => void} now.say
 */
export function createFailing(lens, around, { phase, isWorking, hasResult, retry: again, onFailed, say }) {
  /** @type {string | null} the code of the failure that is told */
  let failure = null;
  const notice = createNotice(lens, {
    onDismiss() {
      failure = null;
      showStatus();
    },
    onClear: around.onClear,
  });

  function showStatus() {
    const isError = failure !== null && !isWorking();
    const status = isError ? 'error' : phase();
    lens.element.dataset.status = status;
    around.onStatus(status, isError ? failure : null);
  }

  return {
    notice,
    showStatus,
    hideError() {
      failure = null;
      notice.hide();
      showStatus();
    },
    /** @param {unknown} error @param {() => void} [retry] */
    showError(error, retry = again) {
      const reason = reasonOf(error);
      failure = reason.code;
      notice.show({ ...reason, hasResult: hasResult(), remedy: remedyOf(reason.code, retry, around.onCpu) });
      onFailed();
      showStatus();
    },
    /** @param {string} words a refusal that is no failure of the engine */
    tell(words) {
      say(words);
      notice.tell(words);
    },
  };
}
