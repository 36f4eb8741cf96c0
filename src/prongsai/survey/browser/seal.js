// Seals answers on the device that they are given on: HPKE (RFC 9180, base mode) with X25519, HKDF-SHA256 and
// ChaCha20-Poly1305, to the public key of the round. The server's part is survey/sealing.py; a test lets each read the
// other.
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";

const BLOCK = 64; // bytes; what is sealed is filled up to a multiple
const INFO = "prongsai answers 1\0"; // before the channel's slug

export const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

function pad(choices) {
  const padded = new Uint8Array(Math.ceil((1 + choices.length) / BLOCK) * BLOCK);
  padded.set([choices.length, ...choices]);
  return padded;
}

/** The chosen options, one number a question, sealed: as text for a form. */
export async function seal(choices, publicKey, slug) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(bytesOf(publicKey));
  const info = new TextEncoder().encode(INFO + slug);
  const sender = await suite.createSenderContext({ recipientPublicKey, info });
  const sealed = new Uint8Array(await sender.seal(pad(choices)));
  const content = [...new Uint8Array(sender.enc), ...sealed];
  return btoa(String.fromCharCode(...content))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

// Without cryptography of the browser's own (an address that is not https) the server seals.
if (globalThis.crypto?.subtle) globalThis.sealAnswers = seal;
