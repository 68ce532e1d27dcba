// BullMQ: a queue per account, each with a worker of concurrency 1; Redis syncs each write.
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { run } from "./harness.mjs";

async function open({ url, name, lanes }) {
  // The documentation asks for `maxRetriesPerRequest: null` where workers use a connection. Queues
  // and workers share this one; each worker adds the one that it blocks on, as it must.
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const options = { connection, prefix: name, skipVersionCheck: true };
  // «Going to production»: finished jobs are removed, else Redis grows without end.
  const defaultJobOptions = { removeOnComplete: true, removeOnFail: true };
  const queues = Array.from({ length: lanes }, (_, lane) => {
    return new Queue(`lane-${lane}`, { ...options, defaultJobOptions });
  });
  let workers = [];
  return {
    async enqueue(lane, seq) {
      await queues[lane].add("message", { lane, seq });
    },

    // `addBulk` is one transaction of one queue, and keeps the order in it; for one message `add`
    // is quicker. All of them go out together either way.
    async enqueueMany(items) {
      const byLane = Map.groupBy(items, ({ lane }) => lane);
      await Promise.all([...byLane].map(([lane, messages]) => {
        if (messages.length === 1) {
          return queues[lane].add("message", messages[0]);
        }
        return queues[lane].addBulk(messages.map((data) => ({ name: "message", data })));
      }));
    },

    async settle() {},

    async prepare(handler) {
      workers = queues.map((queue) => {
        // «Concurrency»: with one worker of concurrency 1 a queue is strictly in order. The next
        // job comes with the answer to the last one's end, so nothing is asked for twice.
        return new Worker(queue.name, async ({ data }) => handler(data.lane, data.seq), {
          ...options,
          autorun: false,
          concurrency: 1,
        });
      });
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    },

    async start() {
      for (const worker of workers) {
        worker.on("error", (error) => console.error(`bullmq: ${error.message}`));
        void worker.run();
      }
    },

    async close() {
      // Not waiting for what is left: a measure that was cut has a backlog.
      await Promise.all(workers.map((worker) => worker.close(true)));
      await Promise.all(queues.map((queue) => queue.close()));
      await connection.flushall();
      connection.disconnect();
    },
  };
}

await run({
  peer: "bullmq",
  open,
  counts: {
    enqueue: 30_000,
    enqueue_bulk: 60_000,
    drain: 100_000,
    handler_20ms: 40_000,
    light: 500,
    hot: 20_000,
    bulk_order: 10_000,
  },
  note: "a queue and a worker per account",
});
