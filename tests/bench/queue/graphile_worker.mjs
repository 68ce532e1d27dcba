// graphile-worker: a named queue per account, which runs its jobs one at a time.
import { setTimeout as sleep } from "node:timers/promises";
import { Logger, makeWorkerUtils, run as runWorker } from "graphile-worker";
import { run } from "./harness.mjs";

const TASK = "message";
// Of its own record. A handler that waits leaves the processor to others, so then more at once are
// better: 200 do six times as much as 24, 500 less again.
const CONCURRENT_JOBS = 24;
const CONCURRENT_WAITING_JOBS = 200;
const HOUR_MS = 3_600_000;

async function open({ url, name, callers }) {
  // What it says when it starts and ends is no news; what goes wrong is.
  const logger = new Logger(() => (level, message) => {
    if (level === "error") {
      console.error(`graphile-worker: ${message}`);
    }
  });
  const worker = {
    connectionString: url,
    schema: name,
    logger,
    maxPoolSize: CONCURRENT_JOBS + 1,
    // «Performance»: jobs fetched and completed in batches. Without the local queue a drain does
    // 200 a second; with it an account with a great backlog holds up all others, see `hot`: of what
    // it fetches it keeps one of an account, then waits for its next look.
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  };
  const utils = await makeWorkerUtils({ preset: { worker: { ...worker, maxPoolSize: callers } } });
  await utils.migrate();
  const base = Date.now() - HOUR_MS;
  let count = 0;
  let handle;
  let runner;
  return {
    async enqueue(lane, seq) {
      const options = { queueName: String(lane), maxAttempts: 1 };
      await utils.addJob(TASK, { lane, seq }, options);
    },

    // All of a batch have the same time, and nothing else decides: the order of a named queue
    // within a batch is kept only by times that grow.
    async enqueueMany(items, isOrdered) {
      await utils.addJobs(items.map((payload) => {
        const queueName = String(payload.lane);
        const job = { identifier: TASK, payload, queueName, maxAttempts: 1 };
        return isOrdered ? { ...job, runAt: new Date(base + count++) } : job;
      }));
    },

    // What autovacuum does a little later; without it PostgreSQL plans for an empty table.
    async settle() {
      await utils.withPgClient((client) => client.query("vacuum analyze"));
    },

    async prepare(handler, handlerMs) {
      handle = handler;
      worker.concurrentJobs = handlerMs > 0 ? CONCURRENT_WAITING_JOBS : CONCURRENT_JOBS;
    },

    async start() {
      runner = await runWorker({
        preset: { worker },
        noHandleSignals: true,
        taskList: { [TASK]: async ({ lane, seq }) => handle(lane, seq) },
      });
    },

    async close() {
      // It waits for its query; one that takes its time is not what is measured.
      const stopped = runner?.stop().catch((error) => console.error(`stop: ${error.message}`));
      await Promise.race([stopped, sleep(5_000)]);
      await utils.release();
    },
  };
}

await run({
  peer: "graphile-worker",
  open,
  counts: {
    enqueue: 20_000,
    enqueue_bulk: 60_000,
    drain: 100_000,
    handler_20ms: 30_000,
    light: 500,
    hot: 20_000,
    bulk_order: 1_000,
  },
  note: "a named queue per account",
});
