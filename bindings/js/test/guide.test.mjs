// The guide of the API: what it shows of this client does what it says, read from the page itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startService } from './started.mjs';

const HERE = new URL('../', import.meta.url);
const page = readFileSync(new URL('../../docs/api/guide.md', HERE), 'utf8');
const examples = [...page.matchAll(/^```js\n(.*?)^```\n+```text\n(.*?)^```/gms)];

test('the page shows this client', () => assert.equal(examples.length, 1));

for (const [, code, shown] of examples) {
  test('the guide says what happens', async () => {
    const service = await startService();
    try {
      const folder = new URL('pkg/examples/', HERE);
      mkdirSync(folder, { recursive: true });
      const path = fileURLToPath(new URL('guide.mjs', folder));
      writeFileSync(path, code);
      const own = { API: service.origin, REFRESH_TOKEN: service.refreshToken };
      const env = { ...process.env, ...own };
      assert.equal(execFileSync(process.execPath, [path], { encoding: 'utf8', env }), shown);
    } finally {
      await service.close();
    }
  });
}
