// The work that an open link asks of a device for each answer, done beside the page while the form is filled in:
// Hashcash with SHA-256, in parts. The server's part is survey/work.py; a test lets it judge what is done here.
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

const PARTS = 8;
const SEED_BYTES = 32;

/** A number that makes the first 32 bits of a hash small enough. */
function findNonce(seed, bits) {
  const message = new Uint8Array(SEED_BYTES + 4);
  const view = new DataView(message.buffer);
  message.set(seed);
  for (let nonce = 0; ; nonce += 1) {
    view.setUint32(SEED_BYTES, nonce);
    const digest = sha256(message);
    if (Math.clz32((digest[0] << 24) | (digest[1] << 16) | (digest[2] << 8) | digest[3]) >= bits) return nonce;
  }
}

/** What is posted: the challenge and a nonce for each part; ``bits`` of zeros in each. */
export function solve({ challenge, receipt, bits }) {
  const seeds = Array.from({ length: PARTS }, (_, part) => sha256(utf8ToBytes(`${challenge}:${receipt}:${part}`)));
  return `${challenge}:${seeds.map((seed) => findNonce(seed, bits)).join(".")}`;
}

if (typeof WorkerGlobalScope !== "undefined")
  globalThis.onmessage = (event) => globalThis.postMessage(solve(event.data));
