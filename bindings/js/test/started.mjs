// The real service, started for a test: `tierwise serve --demo`, in a folder of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts it; `environment` is what the examples read. */
export async function startService() {
  const command = process.env.TIERWISE_COMMAND;
  assert.ok(command, 'TIERWISE_COMMAND names the command: `cargo xtask test npm` sets it');
  const data = await mkdtemp(join(tmpdir(), 'tierwise-service-'));
  const words = ['serve', '--demo', '--json', '--listen', '127.0.0.1:0', '--data', data];
  const service = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  service.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = once(service, 'exit');
  const line = once(createInterface(service.stdout), 'line');
  const first = await Promise.race([line, ended.then(() => undefined)]);
  assert.ok(first, `the service did not start:\n${said}`);
  const { origin, demo } = JSON.parse(first[0]);
  return {
    origin,
    ...demo,
    environment: {
      ...process.env,
      TIERWISE_ORIGIN: origin,
      TIERWISE_TEAM: demo.teamId,
      TIERWISE_REFRESH_TOKEN: demo.refreshToken,
    },
    async close() {
      service.kill();
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}
