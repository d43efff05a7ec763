// A small receiver of webhooks that checks the signature of every dialect. Node 18 or newer, nothing to install.
//
//     FONDACO_WEBHOOK_SECRET=whsec_... node receiver.mjs sellf 3000
//
// Then create an endpoint with the URL of this program, or have events brought here from any server:
//
//     fondaco listen --key fo_live_... --forward-to http://127.0.0.1:3000/ --secret "$FONDACO_WEBHOOK_SECRET"
//
// Every delivery also carries the headers of Standard Webhooks, so the dialect `standard` takes all of them.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

// How far the sender's clock may be off, in seconds. Without a window, whoever saw a delivery once could send it for ever.
const WINDOW = 300;

// `t=1790000000,v1=<hex>[,v1=<hex>]` in one header; several v1 while a secret is being changed.
const inOneHeader = (name) => (headers, body, secret) => {
  const parts = (headers[name] ?? '').split(',').map((part) => part.trim().split(/=(.*)/s));
  const moment = parts.find(([key]) => key === 't')?.[1] ?? '';
  return isFresh(moment) && parts.some(([key, value]) => key === 'v1' && isSame(value, digest(secret, moment, body)));
};

// The digest in one header, the moment in another.
const inTwoHeaders = (signature, timestamp) => (headers, body, secret) => {
  const moment = headers[timestamp] ?? '';
  return isFresh(moment) && isSame(headers[signature] ?? '', digest(secret, moment, body));
};

// Standard Webhooks: the key is what follows `whsec_`, decoded; the id is signed too.
const standard = (headers, body, secret) => {
  const [id, moment] = [headers['webhook-id'] ?? '', headers['webhook-timestamp'] ?? ''];
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = 'v1,' + createHmac('sha256', key).update(`${id}.${moment}.`).update(body).digest('base64');
  return isFresh(moment) && (headers['webhook-signature'] ?? '').split(' ').some((given) => isSame(given, wanted));
};

// Over the moment, a full stop and the body exactly as it came: parse it afterwards, never before.
const digest = (secret, moment, body) => createHmac('sha256', secret).update(`${moment}.`).update(body).digest('hex');

// In a time that tells nothing about where they differ.
const isSame = (given, wanted) => {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const isFresh = (moment) => /^\d+$/.test(moment) && Math.abs(Date.now() / 1000 - Number(moment)) <= WINDOW;

const checks = {
  fondaco: inOneHeader('x-fondaco-signature'),
  sellf: inOneHeader('x-sellf-signature'),
  bigclass: inOneHeader('x-tbc-signature'),
  openclaw: inTwoHeaders('x-ocb-signature', 'x-ocb-timestamp'),
  licentric: inTwoHeaders('x-licentric-signature', 'x-licentric-timestamp'),
  cgls: standard,
  standard,
};

const [dialect = 'standard', port = '3000'] = process.argv.slice(2);
const [check, secret] = [checks[dialect], process.env.FONDACO_WEBHOOK_SECRET];
if (!check || !secret) {
  console.error(`usage: FONDACO_WEBHOOK_SECRET=... node receiver.mjs ${Object.keys(checks).join('|')} [port]`);
  process.exit(2);
}

const seen = new Set();
const server = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  if (request.method !== 'POST' || !check(request.headers, body, secret)) return response.writeHead(401).end();
  // A delivery may come more than once; its id stays the same. A real receiver keeps ids in its database.
  const id = request.headers['webhook-id'];
  if (!seen.has(id)) {
    seen.add(id);
    console.log(JSON.stringify(JSON.parse(body), null, 2));
  }
  // Answer at once and work later: an answer that takes longer than ten seconds counts as none.
  response.writeHead(204).end();
});
server.listen(Number(port), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
