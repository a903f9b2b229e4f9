// Names the file of each test that failed, a line each, for whoever tries them again.

/** @param {AsyncIterable<{ type: string, data: { file?: string } }>} events of the test runner */
export default async function* failed(events) {
  for await (const { type, data } of events) if (type === 'test:fail' && data.file) yield `${data.file}\n`;
}
