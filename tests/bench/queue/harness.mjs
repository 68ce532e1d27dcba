// The one job that every queue is given; a peer brings only how its own library is called.
import { parseArgs } from "node:util";
import { HandlerLog } from "./log.mjs";

/** A measure is cut short after this time, and its rate is that of what was done. */
const LIMIT_MS = 30_000;
/** Without a start or an end for so long, what is missing counts as lost. */
const STALL_MS = 10_000;
const BATCH = 1_000;
/** Messages of one lane, one after the other, in the batches of `bulk_order`. */
const RUN_OF_LANE = 5;
const HOT_MESSAGES = 20_000;
const HANDLER_MS = 20;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Runs the measures of one peer and prints a JSON line for each.
 *
 * `peer`: its name; `open({url, name, lanes, callers})`: a queue that shares nothing with one of
 * another name; `counts`: messages of each job, so that each takes 5 to 20 s, but for `drain`, of
 * which all have the same; `note`: of its settings. A queue has `enqueue(lane, seq)` and
 * `enqueueMany(items, isOrdered)`, whose promises are kept when the messages are on disk,
 * `settle()` for what its server does by itself within a minute after many of them,
 * `prepare(handler, handlerMs)`, `start()` and `close()`.
 */
export async function run({ peer, open, counts, note }) {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      lanes: { type: "string", default: "1000" },
      callers: { type: "string", default: "32" },
      messages: { type: "string" },
      job: { type: "string", multiple: true, default: Object.keys(JOBS) },
    },
  });
  const setting = { url: values.url, lanes: Number(values.lanes), callers: Number(values.callers) };
  for (const job of values.job) {
    const messages = Number(values.messages ?? counts[job]);
    const name = `${job}_${process.pid}`;
    const make = async (suffix = "") => {
      const log = new HandlerLog(setting.lanes);
      return { ...setting, messages, log, queue: await open({ ...setting, name: name + suffix }) };
    };
    const figures = await JOBS[job](make);
    const line = { peer, job, messages, ...figures };
    line.note = [note, figures.note].filter(Boolean).join("; ");
    process.stdout.write(`${JSON.stringify(line)}\n`);
    console.error(`${peer}, ${job}: ${line.rate} a second`);
  }
  // A library's timers and sockets are no reason to stay.
  process.exit();
}

const JOBS = {
  /** Durable enqueues one by one, by many callers at once. Each lane has one caller: its order. */
  async enqueue(make) {
    const bench = await make();
    const begin = performance.now();
    await byCallers(bench, async ({ lane, seq }) => bench.queue.enqueue(lane, seq));
    const seconds = (performance.now() - begin) / 1000;
    return drained(bench, { seconds });
  },

  /** The same in batches. */
  async enqueue_bulk(make) {
    const bench = await make();
    const begin = performance.now();
    await fill(bench, bench.messages);
    const seconds = (performance.now() - begin) / 1000;
    return drained(bench, { seconds });
  },

  /** A backlog, evenly over the lanes, and a handler that does nothing. */
  drain: (make) => drain(make, 0),

  /** The same with a handler that takes its time, as a send over HTTP does. */
  handler_20ms: (make) => drain(make, HANDLER_MS),

  /** One message at a time into an idle queue: from the call of enqueue to the handler's start. */
  async light(make) {
    const bench = await make();
    await begin(bench, 0);
    await sleep(2_000);
    const next = new Array(bench.lanes).fill(0);
    const times = [];
    const start = performance.now();
    for (let message = 0; message < bench.messages; message += 1) {
      const lane = Math.floor(Math.random() * bench.lanes);
      const seq = next[lane]++;
      const started = new Promise((resolve) => {
        bench.log.onStart = (_lane, _seq, at) => resolve(at);
      });
      const called = performance.now();
      await bench.queue.enqueue(lane, seq);
      const at = await Promise.race([started, sleep(STALL_MS).then(() => undefined)]);
      if (at !== undefined) {
        times.push(at - called);
      }
      // Idle again, and not in step with anybody's polling.
      await sleep(5 + Math.random() * 10);
    }
    const seconds = (performance.now() - start) / 1000;
    await bench.queue.close();
    times.sort((one, other) => one - other);
    const last = times.length - 1;
    const at = (share) => round(times[Math.min(last, Math.floor(times.length * share))]);
    const rate = round(bench.messages / seconds);
    const verdict = bench.log.verdict(bench.messages, false);
    return { seconds: round(seconds), rate, p50_ms: at(0.5), p99_ms: at(0.99), ...verdict };
  },

  /** One account with a great backlog: what it does to the rate of all others. */
  async hot(make) {
    const alone = await others(await make("_alone"), 0);
    const beside = await others(await make("_beside"), HOT_MESSAGES);
    const share = round(beside.rate / alone.rate);
    const { note, ...figures } = beside;
    const said = `others alone ${alone.rate}/s, kept ${share}`;
    return { ...figures, kept: share, note: [said, note].filter(Boolean).join("; ") };
  },

  /** Several messages of a lane in one batch, as a caller would write it: is their order kept? */
  async bulk_order(make) {
    const bench = await make();
    const begin = performance.now();
    for (let from = 0; from < bench.messages; from += BATCH) {
      const items = range(Math.min(BATCH, bench.messages - from)).map((index) => {
        // Lane by lane; the lanes are gone through again where they are few.
        const run = Math.floor((from + index) / RUN_OF_LANE);
        const turn = Math.floor(run / bench.lanes);
        const seq = turn * RUN_OF_LANE + ((from + index) % RUN_OF_LANE);
        return { lane: run % bench.lanes, seq };
      });
      await bench.queue.enqueueMany(items, false);
    }
    const seconds = (performance.now() - begin) / 1000;
    return drained(bench, { seconds });
  },
};

async function drain(make, handlerMs) {
  const bench = await make();
  await fill(bench, bench.messages);
  return drained(bench, { handlerMs });
}

/** Runs what is queued to its end; the rate is that of enqueueing if its seconds are given. */
async function drained(bench, { handlerMs = 0, seconds }) {
  const { log, messages, queue } = bench;
  await queue.settle();
  const start = await begin(bench, handlerMs);
  const limits = { limitMs: LIMIT_MS, stallMs: STALL_MS };
  const isDone = await log.until(() => log.finished >= messages, limits);
  const wasCut = !isDone && performance.now() - log.lastChange < STALL_MS;
  // A message given out twice comes after the first: let it.
  await sleep(isDone ? 500 : 0);
  const took = seconds ?? (log.lastChange - start) / 1000;
  await queue.close();
  const done = seconds ? messages : log.finished;
  const figures = { seconds: round(took), rate: round(done / took) };
  const note = wasCut ? `cut short after ${log.finished} of ${messages}` : undefined;
  return { ...figures, ...log.verdict(messages, wasCut), note };
}

/** The rate of all lanes but the first, which has `hot` messages that came before theirs. */
async function others(bench, hot) {
  const { log, lanes, messages, queue } = bench;
  for (let from = 0; from < hot; from += BATCH) {
    const numbers = range(Math.min(BATCH, hot - from)).map((index) => from + index);
    await queue.enqueueMany(numbers.map((seq) => ({ lane: 0, seq })), true);
  }
  await fill(bench, messages, 1);
  await queue.settle();
  let finished = 0;
  const start = await begin(bench, 0, (lane) => (finished += lane === 0 ? 0 : 1));
  const limits = { limitMs: LIMIT_MS, stallMs: STALL_MS };
  const isDone = await log.until(() => finished >= messages, limits);
  const seconds = (performance.now() - start) / 1000;
  const done = finished;
  // The hot one's own backlog is not what is measured.
  const isAll = log.finished >= messages + hot;
  await queue.close();
  const verdict = log.verdict(messages + hot, !isAll);
  const note = isDone ? undefined : `cut short after ${done} of ${messages} of the others` +
    ` (${log.finished - done} of the hot one's ${hot})`;
  return { seconds: round(seconds), rate: round(done / seconds), ...verdict, note };
}

/** Starts the workers, and says when. */
async function begin({ log, queue }, handlerMs, onFinish = () => {}) {
  await queue.prepare(async (lane, seq) => {
    log.start(lane, seq);
    if (handlerMs > 0) {
      await sleep(handlerMs);
    }
    onFinish(lane);
    log.finish(lane);
  }, handlerMs);
  const start = performance.now();
  log.lastChange = start;
  await queue.start();
  return start;
}

/** Messages evenly over the lanes from `firstLane` on, round by round, in batches. */
async function fill({ lanes, queue }, messages, firstLane = 0) {
  const used = lanes - firstLane;
  for (const items of batches(messages, used, firstLane)) {
    await queue.enqueueMany(items, true);
  }
}

function* batches(messages, lanes, firstLane) {
  let batch = [];
  for (const item of rounds(messages, lanes)) {
    batch.push({ lane: firstLane + item.lane, seq: item.seq });
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

function* rounds(messages, lanes) {
  for (let message = 0; message < messages; message += 1) {
    yield { lane: message % lanes, seq: Math.floor(message / lanes) };
  }
}

/** All messages by `callers` at once; a lane is always the same caller's. */
async function byCallers({ callers, lanes, messages }, send) {
  await Promise.all(range(callers).map(async (caller) => {
    for (const item of rounds(messages, lanes)) {
      if (item.lane % callers === caller) {
        await send(item);
      }
    }
  }));
}

function range(length) {
  return Array.from({ length }, (_, index) => index);
}

function round(value) {
  return value >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000;
}
