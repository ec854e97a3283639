// Works for 20 to 40 seconds, then crashes: its last lines and its exit code are what one wants to see.
const lifeMs = 20_000 + Math.random() * 20_000;
const started = Date.now();
let steps = 0;

console.log(`INFO  flaky is up (pid ${process.pid})`);
setInterval(() => {
  steps++;
  console.log(`INFO  step ${steps} done`);
  if (Date.now() - started < lifeMs) return;
  console.error('WARN  memory is nearly used up');
  console.error('FATAL cannot go on: out of luck');
  process.exit(1);
}, 2_000);
