// pg-boss: one queue with the policy `key_strict_fifo`, the account as its key.
import { PgBoss } from "pg-boss";
import { run } from "./harness.mjs";

const QUEUE = "messages";

async function open({ url, name, lanes, callers }) {
  const boss = new PgBoss({
    connectionString: url,
    schema: name,
    // A connection for each caller.
    max: callers,
    // Workers are woken when a message comes, instead of at their next look.
    useListenNotify: true,
    // Nothing here is scheduled.
    schedule: false,
  });
  boss.on("error", (error) => console.error(`pg-boss: ${error.message}`));
  await boss.start();
  await boss.createQueue(QUEUE, {
    policy: "key_strict_fifo",
    notify: true,
    // «More useful for a large queue»: a table of its own.
    partition: true,
    // An outcome that is unknown is not tried again; here none fails.
    retryLimit: 0,
  });
  let handle;
  let count = 0;
  return {
    async enqueue(lane, seq) {
      await boss.send(QUEUE, { lane, seq }, { singletonKey: String(lane) });
    },

    // All of a batch have the same time of creation, and then the id decides, which is random: the
    // order of a key within a batch is kept only by ids that grow.
    async enqueueMany(items, isOrdered) {
      await boss.insert(QUEUE, items.map((data) => {
        const job = { data, singletonKey: String(data.lane) };
        return isOrdered ? { ...job, id: growingId(count++) } : job;
      }));
    },

    // What autovacuum does a little later; without it PostgreSQL plans for an empty table.
    async settle() {
      await boss.getDb().executeSql("vacuum analyze");
    },

    async prepare(handler) {
      handle = handler;
    },

    async start() {
      // A fetch looks through the whole backlog for the first of each key and gives at most one
      // message of a key, so one large fetch at a time is best: 2 times 400 has half the rate. A
      // batch that was full is followed by the next at once; the shortest time between looks is
      // half a second.
      await boss.work(QUEUE, {
        batchSize: lanes,
        localConcurrency: 1,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 0.5,
      }, async (jobs) => {
        await Promise.all(jobs.map(({ data }) => handle(data.lane, data.seq)));
      });
    },

    async close() {
      await boss.stop({ graceful: false, timeout: 1_000 });
    },
  };
}

function growingId(number) {
  const digits = number.toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}

await run({
  peer: "pg-boss",
  open,
  counts: {
    enqueue: 10_000,
    enqueue_bulk: 30_000,
    drain: 100_000,
    handler_20ms: 20_000,
    light: 300,
    hot: 20_000,
    bulk_order: 2_000,
  },
  note: "key_strict_fifo",
});
