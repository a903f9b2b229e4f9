// What a page asks of its engine, seen from outside: each question, how many of them wait at once, and the cameras that are on.

/**
 * Begins to take notes, in every frame of the page that is there.
 * @param {import("playwright-core").Page | import("playwright-core").Frame} page
 */
export const spy = (page) =>
  page.evaluate(() => {
    /** @type {{ id: number, op: string, channel: string, ask: any, at: number, answered: number | null, failed: boolean, handed: boolean }[]} */
    const questions = [];
    /** @type {MediaStreamTrack[]} */
    const tracks = [];
    const notes = { questions, tracks, most: /** @type {Record<string, number>} */ ({}) };
    Object.assign(window, { notes });
    const heard = new WeakSet();
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      // Only who is asked questions has come to be listened to for good.
      if (message?.type === 'call' && !heard.has(this)) {
        heard.add(this);
        // Before the page hears of it, and asks the next.
        const hear = (/** @type {MessageEvent} */ { data }) => {
          const question = questions.find(({ id, answered }) => id === data?.id && answered === null);
          if (!question || data.type === 'chunk') return;
          question.answered = performance.now();
          question.failed = data.type === 'failure';
        };
        const { onmessage } = this;
        this.onmessage = (event) => (hear(event), onmessage?.call(this, event));
      }
      postMessage.call(this, message, transfer);
      if (message?.type !== 'call') return;
      const { id, op, channel, ask } = message;
      const { frame } = ask.context?.photo ?? {};
      // What was handed over is no longer here.
      const handed = frame instanceof ImageBitmap && frame.width === 0;
      questions.push({ id, op, channel, ask, at: performance.now(), answered: null, failed: false, handed });
      const open = questions.filter((one) => one.channel === channel && one.answered === null).length;
      notes.most[channel] = Math.max(notes.most[channel] ?? 0, open);
    };
    if (!navigator.mediaDevices) return;
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });

/** The cameras that were opened, and whether each is on. @param {import("playwright-core").Page | import("playwright-core").Frame} page @returns {Promise<string[]>} */
export const cameras = (page) =>
  page.evaluate(() =>
    /** @type {any} */ (window).notes.tracks.map((/** @type {MediaStreamTrack} */ { readyState }) => readyState),
  );
