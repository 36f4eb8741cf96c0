// Merkle trees as in RFC 9162, and hashes of text: the same as prongsai.lib.merkle, written anew.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export const hashLeaf = (data) => sha256(concatBytes(Uint8Array.of(0), data));
export const hashText = (text) => bytesToHex(sha256(utf8ToBytes(text)));
const hashChildren = (left, right) => sha256(concatBytes(Uint8Array.of(1), left, right));

export function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

// The root over the hashes of leaves.
export function computeRoot(leaves) {
  if (leaves.length === 0) return sha256(new Uint8Array());
  let level = leaves;
  while (level.length > 1) {
    const next = [];
    for (let at = 0; at < level.length; at += 2)
      next.push(at + 1 < level.length ? hashChildren(level[at], level[at + 1]) : level[at]);
    level = next;
  }
  return level[0];
}

// Whether a path leads from the hash of a leaf to a root. Sizes are whole numbers below 2^53.
export function verifyInclusion({ leaf, index, size, path, root }) {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  const half = (number) => Math.floor(number / 2);
  let [position, last, current] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      current = hashChildren(sibling, current);
      while (position !== 0 && position % 2 === 0) [position, last] = [half(position), half(last)];
    } else {
      current = hashChildren(current, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && equal(current, root);
}
