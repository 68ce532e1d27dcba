// Reads JSON without losing anything a question may hold: large whole numbers become BigInt, a
// fraction stays one whatever its digits, `__proto__` is a key. And writes the canonical form.

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const WORD = /null|true|false/y;
const SPACE = /[ \t\n\r]*/y;

/** A JSON value of JavaScript. Only good JSON is given to it: anything else is an error. */
export function parse(text) {
  const [value, end] = valueAt(text, skip(SPACE, text, 0));
  if (skip(SPACE, text, end) !== text.length) throw new SyntaxError(`unread: ${text.slice(end)}`);
  return value;
}

/** The members of an object by their source text: `{"a":{"b":1}}` gives `a: '{"b":1}'`. */
export function members(text) {
  const sources = {};
  elementsAt(text, skip(SPACE, text, 0), '}', (at) => {
    const keyEnd = skip(STRING, text, at);
    const from = skip(SPACE, text, skip(SPACE, text, keyEnd) + 1);
    const to = endOf(text, from);
    sources[JSON.parse(text.slice(at, keyEnd))] = text.slice(from, to);
    return to;
  });
  return sources;
}

/** Where a value ends, without reading what is in it. */
function endOf(text, from) {
  if (text[from] !== '{' && text[from] !== '[') return valueAt(text, from)[1];
  const sign = /["{}[\]]/g;
  sign.lastIndex = from;
  for (let depth = 0; ; ) {
    const found = sign.exec(text);
    if (found === null) throw new SyntaxError(`an open value at ${from} of ${text}`);
    if (found[0] === '"') sign.lastIndex = skip(STRING, text, found.index);
    else depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
    if (depth === 0) return sign.lastIndex;
  }
}

function skip(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function valueAt(text, at) {
  const first = text[at];
  if (first === '{') {
    // Without a prototype, so that `__proto__` is a key like any other.
    const object = Object.create(null);
    const end = objectAt(text, at, (key, value) => {
      object[key] = value;
    });
    return [object, end];
  }
  if (first === '[') return listAt(text, at);
  for (const [pattern, read] of [[STRING, JSON.parse], [WORD, JSON.parse], [NUMBER, number]]) {
    const end = skip(pattern, text, at);
    if (end > at) return [read(text.slice(at, end)), end];
  }
  throw new SyntaxError(`no JSON value at ${at} of ${text}`);
}

function listAt(text, open) {
  const list = [];
  const end = elementsAt(text, open, ']', (at) => {
    const [value, after] = valueAt(text, at);
    list.push(value);
    return after;
  });
  return [list, end];
}

function objectAt(text, open, tell) {
  return elementsAt(text, open, '}', (at) => {
    const keyEnd = skip(STRING, text, at);
    const colon = skip(SPACE, text, keyEnd);
    if (keyEnd < 0 || text[colon] !== ':') throw new SyntaxError(`no key at ${at} of ${text}`);
    const from = skip(SPACE, text, colon + 1);
    const [value, to] = valueAt(text, from);
    tell(JSON.parse(text.slice(at, keyEnd)), value);
    return to;
  });
}

function elementsAt(text, open, close, element) {
  let at = skip(SPACE, text, open + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = skip(SPACE, text, element(at));
    if (text[at] === close) return at + 1;
    if (text[at] !== ',') throw new SyntaxError(`expected , or ${close} at ${at} of ${text}`);
    at = skip(SPACE, text, at + 1);
  }
}

/** JSON knows one kind of number: `30.0` and `3e1` are the whole number 30. */
function number(text) {
  NUMBER.lastIndex = 0;
  const [, decimals = '', exponent = '0'] = NUMBER.exec(text);
  const digits = text.replace(/[eE].*/, '').replace('.', '');
  const zeros = Number(exponent) - decimals.length;
  if (/^-?0+$/.test(digits)) return 0;
  const missing = /0*$/.exec(digits)[0].length;
  if (zeros < -missing) {
    // No question takes a fraction: that it is one is all that counts.
    const fraction = Number(text);
    return Number.isInteger(fraction) || !Number.isFinite(fraction) ? 0.5 : fraction;
  }
  // The engine's whole numbers have 128 bits; 10^60 is beyond them as any other.
  const whole =
    zeros >= 0
      ? BigInt(digits) * 10n ** BigInt(Math.min(zeros, 60))
      : BigInt(digits) / 10n ** BigInt(-zeros);
  const exact = Number(whole);
  return Number.isSafeInteger(exact) ? exact : whole;
}

/** Canonical JSON of an answer: no white space, keys sorted by their bytes. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  }
  const keys = Object.keys(value).sort(byBytes);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** UTF-8 sorts as code points do. */
function byBytes(one, other) {
  const ones = [...one];
  const others = [...other];
  for (let index = 0; index < Math.min(ones.length, others.length); index += 1) {
    const difference = ones[index].codePointAt(0) - others[index].codePointAt(0);
    if (difference !== 0) return difference;
  }
  return ones.length - others.length;
}
