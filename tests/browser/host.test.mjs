// The engine's loop with an engine that only tells what it was asked: no browser, no program, milliseconds.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EngineClient } from '../../www/lens/engine/client.js';
import { createHost } from '../../www/lens/engine/host.js';
import { CHANNELS, EngineError } from '../../www/lens/engine/protocol.js';

/** A door that a step waits behind. */
function door() {
  let open = () => {};
  /** @type {Promise<void>} */
  const opened = new Promise((resolve) => (open = resolve));
  return { opened, open };
}

/**
 * An engine whose questions say what becomes of them: `name`, how many `parts`, what it waits for (`door`) before each of
 * them, what goes `wrong`, and what it answers (`value`, else its name).
 */
function fake() {
  /** @type {string[]} */
  const did = [];
  return {
    did,
    /** @param {{ ask: any }} message */
    async *perform({ ask: { name, parts = 0, door = null, wrong = null, value = name } }) {
      let isWhole = false;
      try {
        for (let at = 0; at < parts; at++) {
          did.push(`${name} ${at}`);
          await door?.opened;
          yield at;
        }
        did.push(name);
        await door?.opened;
        if (wrong) throw wrong;
        isWhole = true;
        return value;
      } finally {
        if (!isWhole && !wrong) did.push(`${name} ended`);
      }
    },
  };
}

/** A host with a fake engine; each line keeps what it hears. */
function host() {
  const model = fake();
  /** @type {string[]} */
  const fatal = [];
  const open = createHost(/** @type {any} */ (model), () => fatal.push('fatal'));
  let count = 0;
  const line = () => {
    /** @type {any[]} */
    const heard = [];
    /** @type {Map<number, string>} */
    const names = new Map();
    /** @type {{ wanted: (heard: any[]) => boolean, resolve: (value?: unknown) => void }[]} */
    const waiting = [];
    const take = open((/** @type {any} */ message, transfer) => {
      heard.push({ ...message, name: names.get(message.id), transfer });
      for (const { wanted, resolve } of waiting) if (wanted(heard)) resolve();
    });
    return {
      heard,
      /** What was heard, in short. */
      told: () =>
        heard.map(({ type, name, value, code }) =>
          [type, name, code ?? value].filter((word) => word !== undefined).join(' '),
        ),
      /** @param {string} channel @param {string} name @param {object} [more] @param {string} [op] */
      ask(channel, name, more = {}, op = 'units') {
        const id = ++count;
        names.set(id, name);
        take(/** @type {any} */ ({ type: 'call', id, channel, op, ask: { name, ...more } }));
        return id;
      },
      /** @param {number} id */
      cancel: (id) => take({ type: 'cancel', id }),
      leave: () => take({ type: 'leave' }),
      /** Waits for a message. @param {string} type @param {string} name */
      hears: (type, name) => {
        const wanted = (/** @type {any[]} */ heard) => heard.some((one) => one.type === type && one.name === name);
        return wanted(heard) ? Promise.resolve() : new Promise((resolve) => waiting.push({ wanted, resolve }));
      },
    };
  };
  return { model, fatal, line };
}

/** Waits until a step has begun. @param {ReturnType<typeof fake>} model @param {string} step */
async function begun(model, step) {
  while (!model.did.includes(step)) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Long enough for what must not come. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test('the most urgent channel is answered first, whatever was asked first', async () => {
  const { model, line } = host();
  const one = line();
  for (const channel of [...CHANNELS].reverse()) one.ask(channel, channel);
  await one.hears('reply', CHANNELS.at(-1));
  assert.deepEqual(model.did, CHANNELS);
  assert.deepEqual(
    one.told(),
    CHANNELS.map((channel) => `reply ${channel} ${channel}`),
  );
});

test('an urgent question comes between two parts of a long answer', async () => {
  const { model, line } = host();
  const one = line();
  const gate = door();
  one.ask('mosaic', 'long', { parts: 3, door: gate });
  await begun(model, 'long 0');
  one.ask('unit', 'short');
  gate.open();
  await one.hears('reply', 'long');
  assert.deepEqual(model.did, ['long 0', 'short', 'long 1', 'long 2', 'long']);
});

test('a newer question takes the place of one that waits, and of one that has begun; its answer ends', async () => {
  const { model, line } = host();
  const one = line();
  one.ask('unit', 'a');
  one.ask('unit', 'b');
  await one.hears('reply', 'b');
  assert.deepEqual(one.told(), ['failure a superseded', 'reply b b']);
  assert.deepEqual(model.did, ['b'], 'what waited was never begun');

  const gate = door();
  one.ask('mosaic', 'old', { parts: 9, door: gate });
  await begun(model, 'old 0');
  one.ask('mosaic', 'new');
  gate.open();
  await one.hears('reply', 'new');
  assert.deepEqual(one.told().slice(2), ['chunk old 0', 'failure old superseded', 'reply new new']);
  assert.deepEqual(model.did.slice(1), ['old 0', 'old ended', 'new']);
  assert.equal(one.heard.at(-2).fatal, false);
});

test('a cancelled question is not begun, or not gone on with; one that is unknown is nothing', async () => {
  const { model, line } = host();
  const one = line();
  one.cancel(one.ask('unit', 'waits'));
  one.cancel(4711);
  await settle();
  assert.deepEqual(one.told(), ['failure waits aborted']);
  assert.deepEqual(model.did, []);

  const gate = door();
  const id = one.ask('mosaic', 'runs', { parts: 5, door: gate });
  await begun(model, 'runs 0');
  one.cancel(id);
  gate.open();
  await one.hears('failure', 'runs');
  await settle();
  assert.deepEqual(one.told().slice(1), ['chunk runs 0', 'failure runs aborted']);
  assert.deepEqual(model.did, ['runs 0', 'runs ended']);
  one.ask('unit', 'after');
  await one.hears('reply', 'after');
});

test('two lines take turns within a channel; the more urgent channel of either comes first', async () => {
  const { model, line } = host();
  const [one, two] = [line(), line()];
  one.ask('mosaic', 'a', { parts: 3 });
  two.ask('mosaic', 'b', { parts: 3 });
  two.ask('look', 'c');
  await Promise.all([one.hears('reply', 'a'), two.hears('reply', 'b')]);
  assert.deepEqual(model.did, ['c', 'a 0', 'b 0', 'a 1', 'b 1', 'a 2', 'b 2', 'a', 'b']);
  // The same channel on another line is nobody's rival.
  assert.deepEqual(
    [...one.heard, ...two.heard].filter(({ type }) => type === 'failure'),
    [],
  );
});

test('whoever leaves is asked nothing and told nothing more; the others go on', async () => {
  const { model, line } = host();
  const [one, two] = [line(), line()];
  const gate = door();
  one.ask('mosaic', 'runs', { parts: 5, door: gate });
  await begun(model, 'runs 0');
  one.ask('tiles', 'waits');
  two.ask('tiles', 'other');
  one.leave();
  gate.open();
  await two.hears('reply', 'other');
  await settle();
  assert.deepEqual(model.did, ['runs 0', 'runs ended', 'other']);
  one.ask('unit', 'late');
  await settle();
  assert.ok(!model.did.includes('late'));
  assert.deepEqual(two.told(), ['reply other other']);
});

for (const [what, wrong, code] of /** @type {[string, Error, string][]} */ ([
  ['a lost device', new EngineError('device-lost', 'The device is gone.'), 'device-lost'],
  ['a trap', new WebAssembly.RuntimeError('unreachable'), 'execution'],
  ['memory that is used up', new RangeError('Array buffer allocation failed'), 'out-of-memory'],
])) {
  test(`${what} ends the engine: who asked hears it as a failure, the others that it ended, then the Worker ends`, async () => {
    const { fatal, line } = host();
    const [one, two, gone] = [line(), line(), line()];
    gone.leave();
    one.ask('unit', 'bad', { wrong });
    await one.hears('failure', 'bad');
    assert.deepEqual(one.told(), [`failure bad ${code}`]);
    assert.equal(one.heard[0].fatal, true);
    assert.deepEqual(
      two.heard.map(({ type, code, message }) => ({ type, code, message })),
      [{ type: 'ended', code, message: wrong.message }],
    );
    assert.deepEqual(gone.heard, []);
    assert.deepEqual(fatal, ['fatal']);
  });
}

test('any other failure is of that question alone', async () => {
  const { fatal, line } = host();
  const [one, two] = [line(), line()];
  one.ask('unit', 'refused', {
    wrong: Object.assign(new Error('Expected JPEG; found text.'), { code: 'image-unsupported', kind: 'text' }),
  });
  one.ask('album', 'moved', { wrong: new DOMException('gone', 'NotFoundError') });
  one.ask('tiles', 'odd', { wrong: 'words' });
  two.ask('set', 'fine');
  await two.hears('reply', 'fine');
  assert.deepEqual(one.told(), [
    'failure refused image-unsupported',
    'failure moved unreadable',
    'failure odd execution',
  ]);
  assert.deepEqual(
    one.heard.map(({ fatal, kind }) => [fatal, kind ?? null]),
    [
      [false, 'text'],
      [false, null],
      [false, null],
    ],
  );
  assert.deepEqual(fatal, []);
});

test('buffers are handed over, except parts of larger ones and what is kept', async () => {
  const { line } = host();
  const one = line();
  const whole = new Uint8Array(8);
  const part = new Uint8Array(new ArrayBuffer(16), 4, 4);
  one.ask('unit', 'units', { value: [{ deep: { whole, again: whole, part } }] });
  one.ask('look', 'look', { value: { whole } }, 'look');
  await one.hears('reply', 'units');
  assert.deepEqual(
    one.heard.map(({ name, transfer }) => [name, transfer]),
    [
      ['look', []],
      ['units', [whole.buffer]],
    ],
  );
});

/** The page's end and the host's, with nothing between them. */
function client() {
  const model = fake();
  const open = createHost(/** @type {any} */ (model));
  return {
    model,
    client: new EngineClient((receive) => {
      const take = open((message) => receive(message));
      return { post: (message) => take(message), close: () => take({ type: 'leave' }) };
    }),
  };
}

/** @param {string} name @param {object} [more] */
const question = (name, more = {}) => /** @type {any} */ ({ name, ...more });

test('the page hears parts and an answer; a cancelled call ends at once, and at the host as well', async () => {
  const { client: page, model } = client();
  /** @type {unknown[]} */
  const parts = [];
  assert.equal(
    await page.call('units', question('a', { parts: 2 }), { channel: 'unit', onChunk: (part) => parts.push(part) }),
    'a',
  );
  assert.deepEqual(parts, [0, 1]);

  const gate = door();
  const control = new AbortController();
  const late = page.call('units', question('b', { parts: 2, door: gate }), { channel: 'unit', signal: control.signal });
  await begun(model, 'b 0');
  control.abort();
  await assert.rejects(late, { code: 'aborted' });
  gate.open();
  await begun(model, 'b ended');
  assert.deepEqual(model.did.slice(3), ['b 0', 'b ended']);
  await assert.rejects(page.call('units', question('c'), { channel: 'unit', signal: control.signal }), {
    code: 'aborted',
  });
});

test('a call that was open when the page closed the engine fails, and so does every later one', async () => {
  const { client: page } = client();
  const gate = door();
  const open = page.call('units', question('a', { door: gate }), { channel: 'unit' });
  page.close();
  await assert.rejects(open, { code: 'superseded' });
  await assert.rejects(page.call('units', question('b'), { channel: 'unit' }), { code: 'superseded' });
  gate.open();
});
