// The parity driver of Node: answers a file of questions through the npm package.
import { readFileSync } from 'node:fs';
import * as tierwise from '../../bindings/js/dist/node.mjs';
import { answerer, argumentsOf, linesOf } from './answers.mjs';

const { face, path } = argumentsOf(process.argv.slice(2));
const answers = linesOf(readFileSync(path, 'utf8')).map(answerer(tierwise, face));
process.stdout.write(answers.map((answer) => `${answer}\n`).join(''));
