// Answers the questions of the parity check through the npm package, in Node and in a page alike.
import { canonical, members, parse } from './lossless.mjs';

/** So many catalogs are kept loaded. */
const KEPT = 256;

const camelCase = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

/** Methods of a catalog that are no operations. */
const OTHERS = new Set(['ask', 'constructor', 'free', 'price']);

/** How a catalog is loaded and asked: by JSON text, or by objects. */
const FACES = {
  text: {
    load: (Catalog, source) => Catalog.load(source),
    ask: (catalog, op, source) => catalog.ask(op, source),
  },
  objects: {
    load: (Catalog, source) => Catalog.load(parse(source)),
    ask(catalog, op, source) {
      const method = camelCase(op);
      if (OTHERS.has(method) || !Object.hasOwn(Object.getPrototypeOf(catalog), method)) {
        return refusal(catalog, op);
      }
      return canonical(catalog[method](parse(source)));
    },
  },
};

/** What the engine says of a name that has no method: it must know none of it either. */
function refusal(catalog, op) {
  try {
    catalog.ask(op, '{}');
  } catch (error) {
    if (error.code === 'unknown_operation') throw error;
  }
  throw new Error(`the package has no method for the operation \`${op}\``);
}

/** A function from a line of the questions file to a line of answers. */
export function answerer({ Catalog, TierwiseError }, face) {
  const { load, ask } = FACES[face] ?? {};
  if (load === undefined) throw new Error(`--face is text or objects, not ${face}`);
  const loaded = new Map();
  const catalogOf = (source) => {
    let catalog = loaded.get(source);
    if (catalog === undefined) {
      catalog = source === undefined ? Catalog.messaging() : load(Catalog, source);
      loaded.set(source, catalog);
      if (loaded.size > KEPT) {
        const [[oldest, old]] = loaded;
        old.free();
        loaded.delete(oldest);
      }
    }
    return catalog;
  };
  return (line) => {
    const question = members(line);
    const op = JSON.parse(question.op);
    try {
      const catalog = catalogOf(question.catalog);
      // Raw text may be no JSON at all: no object stands for it.
      if (question.text !== undefined) return catalog.ask(op, JSON.parse(question.text));
      return ask(catalog, op, question.in);
    } catch (error) {
      if (!(error instanceof TierwiseError)) throw error;
      return canonical({ error: error.toJSON() });
    }
  };
}

/** `[--face text|objects] QUESTIONS`: what a driver is called with. */
export function argumentsOf(words) {
  let face = 'text';
  let path;
  for (let index = 0; index < words.length; index += 1) {
    if (words[index] === '--face') face = words[(index += 1)];
    else path = words[index];
  }
  if (path === undefined) throw new Error('usage: [--face text|objects] QUESTIONS.jsonl');
  return { face, path };
}

/** The lines of a questions file. */
export function linesOf(text) {
  return text.split('\n').filter((line) => line.trim() !== '');
}
