// Signed notes, checkpoints and proofs in the formats of C2SP.
import { hashes, verify } from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { equal } from "./tree.js";

hashes.sha512 = sha512; // so that it verifies without the browser's own cryptography, which plain http lacks
const LOG_KEY = 1;
const WITNESS_KEY = 4;
const SIGNATURE_LINE = "— ";

export class FormatError extends Error {}

export function decode(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new FormatError("base64");
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new FormatError("base64");
  }
}

export function parseKey(text) {
  const [, name, stated, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const data = encoded ? decode(encoded) : new Uint8Array();
  if (data.length !== 33 || ![LOG_KEY, WITNESS_KEY].includes(data[0])) throw new FormatError("key");
  const id = sha256(concatBytes(utf8ToBytes(`${name}\n`), data)).slice(0, 4);
  const hex = Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== stated) throw new FormatError("key");
  return { name, kind: data[0], id, bytes: data.slice(1), text: text.trim() };
}

export function parseNote(note) {
  const at = note.lastIndexOf("\n\n");
  if (at < 0 || !note.endsWith("\n")) throw new FormatError("note");
  const signatures = note
    .slice(at + 2, -1)
    .split("\n")
    .map((line) => {
      const [name, encoded, ...rest] = line.slice(SIGNATURE_LINE.length).split(" ");
      if (!line.startsWith(SIGNATURE_LINE) || !encoded || rest.length) throw new FormatError("note");
      const data = decode(encoded);
      return { name, id: data.slice(0, 4), signature: data.slice(4) };
    });
  return { text: note.slice(0, at + 1), signatures };
}

function isValid(line, text, key) {
  if (key.kind === LOG_KEY) return verify(line.signature, utf8ToBytes(text), key.bytes);
  const time = new DataView(line.signature.buffer, line.signature.byteOffset, 8).getBigUint64(0);
  return verify(line.signature.slice(8), utf8ToBytes(`cosignature/v1\ntime ${time}\n${text}`), key.bytes);
}

// Whether a note carries a valid signature of a key; a wrong one under its name spoils it.
export function isSignedBy(note, key) {
  const lines = note.signatures.filter((line) => line.name === key.name && equal(line.id, key.id));
  try {
    return lines.length > 0 && lines.every((line) => isValid(line, note.text, key));
  } catch {
    return false;
  }
}

export function parseCheckpoint(text) {
  const [origin, size, root] = text.split("\n");
  const hash = decode(root ?? "");
  if (!origin || !/^(0|[1-9][0-9]{0,14})$/.test(size ?? "") || hash.length !== 32) throw new FormatError("checkpoint");
  return { origin, size: Number(size), root: hash };
}

export function parseProof(text) {
  const at = text.indexOf("\n\n");
  const lines = text
    .slice(0, at)
    .split("\n")
    .filter((line) => !line.startsWith("extra "));
  const index = /^index (0|[1-9][0-9]{0,14})$/.exec(lines[1] ?? "");
  if (at < 0 || lines[0] !== "c2sp.org/tlog-proof@v1" || !index) throw new FormatError("proof");
  return { index: Number(index[1]), path: lines.slice(2).map(decode), checkpoint: text.slice(at + 2) };
}
