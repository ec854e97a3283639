// A chatty worker: logfmt, colours, warnings on stderr, a progress bar that overwrites itself, now and then a stack trace.
import { setTimeout as sleep } from 'node:timers/promises';

const stop = new AbortController();
process.once('SIGTERM', () => {
  console.log('\u001b[33mworker is stopping\u001b[0m');
  stop.abort();
});

/** A class, so that the trace has a name in it. */
class PaymentDeclined extends Error {
  name = 'PaymentDeclined';
}

/** @param {number} job */
function charge(job) {
  throw new PaymentDeclined(`card of order ${1_000 + job} was declined`);
}

/** The progress of a download as a terminal shows it: one line, overwritten, and one line feed at its end. */
async function download() {
  for (let percent = 0; percent <= 100; percent += 10) {
    const bar = '='.repeat(percent / 10).padEnd(10);
    process.stdout.write(`\rdownloading [${bar}] ${percent}%`);
    await sleep(60, undefined, { signal: stop.signal });
  }
  process.stdout.write('\n');
}

/** @param {number} job */
async function work(job) {
  console.log(`\u001b[36mjob ${job}\u001b[0m \u001b[1mstarted\u001b[0m`);
  await sleep(200 + Math.random() * 800, undefined, { signal: stop.signal });
  if (job % 6 === 0) await download();
  if (job % 5 === 0) console.error(`level=warn msg="queue is filling up" queue=orders waiting=${job * 3}`);
  if (job % 11 === 0) {
    try {
      charge(job);
    } catch (error) {
      console.error(error);
    }
  }
  console.log(`level=info msg="job done" job=${job} queue=orders duration=${Math.round(200 + Math.random() * 800)}ms`);
}

console.log('\u001b[32mworker is ready\u001b[0m');
try {
  for (let job = 1; ; job++) await work(job);
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
