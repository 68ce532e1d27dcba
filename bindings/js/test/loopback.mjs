// A small HTTP server on loopback, and clients of it: what networks do, and nothing of the service.
import { createServer } from 'node:http';
import { Client } from 'tierwise/client';

/** An access token of so many seconds. */
export function accessToken(seconds = 3600, id = '') {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [{ alg: 'ES256' }, { iat: 1_000, exp: 1_000 + seconds, id }, ''].map(part).join('.');
}

/** Answers with JSON. */
export function json(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** The service's envelope of a refusal. */
export const refused = (response, statusCode, code, headers) =>
  json(response, statusCode, { statusCode, message: `refused: ${code}`, data: { code } }, headers);

/**
 * Listens until the test ends. Each request is kept, with its body, and then answered by `answer`,
 * which is told how many came before it.
 */
export async function listen(test, answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    const body = text === '' ? undefined : JSON.parse(text);
    const kept = { method, url, headers, body };
    requests.push(kept);
    await answer(response, requests.length - 1, kept);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const close = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  test.after(close);
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, requests, close };
}

/** A client of such a server that does not wait long. */
export async function clientOf(test, answer, options = {}) {
  const server = await listen(test, answer);
  const client = new Client({ origin: server.origin, token: 'given', pauseMs: 1, ...options });
  return { client, ...server };
}

/** Ends the connection without an answer. */
export const breakOff = (response) => response.socket.destroy();
