// The golden cases through both faces: the answer's bytes, an error's code and path.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tierwise from 'tierwise';
import { answerer, linesOf } from '../../../tests/parity/answers.mjs';
import { canonical, members, parse } from '../../../tests/parity/lossless.mjs';

const VECTORS = new URL('../../../tests/vectors/', import.meta.url);

/** Every case as a question of the parity check, with the source of what is expected. */
function* cases() {
  for (const file of readdirSync(VECTORS, { recursive: true }).sort()) {
    if (!file.endsWith('.jsonl')) continue;
    for (const line of linesOf(readFileSync(new URL(file, VECTORS), 'utf8'))) {
      const { id, op, catalog, in: request, out, error } = members(line);
      const named = catalog?.startsWith('"');
      const name = named && new URL(`catalogs/${JSON.parse(catalog)}.json`, VECTORS);
      const document = named ? readFileSync(name, 'utf8') : catalog;
      const first = document === undefined ? '' : `"catalog":${document},`;
      yield { id, question: `{"op":${op},${first}"in":${request}}`, op, out, error };
    }
  }
}

for (const face of ['text', 'objects']) {
  test(`the golden cases, asked by ${face}`, () => {
    const answer = answerer(tierwise, face);
    const operations = new Set();
    let count = 0;
    for (const { id, op, question, out, error } of cases()) {
      count += 1;
      const found = answer(question);
      if (error === undefined) {
        operations.add(op);
        assert.equal(found, canonical(parse(out)), id);
      } else {
        const { code, path } = JSON.parse(found).error ?? {};
        assert.deepEqual({ code, path }, JSON.parse(error), id);
      }
    }
    assert.ok(count > 1000, 'the cases are there');
    assert.equal(operations.size, 14, 'every operation is asked');
  });
}

test('errors are the same by both faces, messages and help included', () => {
  const [text, objects] = ['text', 'objects'].map((face) => answerer(tierwise, face));
  for (const { id, question, error } of cases()) {
    if (error !== undefined) assert.equal(objects(question), text(question), id);
  }
});
