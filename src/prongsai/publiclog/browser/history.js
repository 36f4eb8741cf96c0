// The log of today, compared with checkpoints seen before: all hashes of its entries make its root, and the first of
// them the earlier roots.
import { FormatError, parseCheckpoint, parseNote } from "./note.js";
import { computeRoot, equal, hashLeaf } from "./tree.js";

const WIDTH = 256;

function indexPath(index) {
  const parts = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000))
    parts.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  return parts.join("/");
}

function unpack(bundle) {
  const entries = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 + bundle[at] * 256 + bundle[at + 1];
    if (end > bundle.length) throw new FormatError("bundle");
    entries.push(bundle.slice(at + 2, end));
    at = end;
  }
  return entries;
}

// Read a log by a function from a path to bytes.
export async function readLog(fetchBytes) {
  const text = new TextDecoder().decode(await fetchBytes("checkpoint"));
  const checkpoint = parseCheckpoint(parseNote(text).text);
  const entries = [];
  for (let start = 0; start < checkpoint.size; start += WIDTH) {
    const width = Math.min(WIDTH, checkpoint.size - start);
    const suffix = width < WIDTH ? `.p/${width}` : "";
    entries.push(...unpack(await fetchBytes(`tile/entries/${indexPath(start / WIDTH)}${suffix}`)));
  }
  return { text, checkpoint, entries };
}

// Whether the log is whole and continues each earlier checkpoint; and the entry that ended a result set, or -1.
export function compareHistory(log, earlier, resultSet) {
  const leaves = log.entries.map(hashLeaf);
  const isWhole = leaves.length === log.checkpoint.size && equal(computeRoot(leaves), log.checkpoint.root);
  const continues = earlier.every(
    ({ origin, size, root }) =>
      origin === log.checkpoint.origin && size <= leaves.length && equal(computeRoot(leaves.slice(0, size)), root),
  );
  const ended = log.entries.findIndex((bytes) => {
    const entry = JSON.parse(new TextDecoder().decode(bytes));
    return (
      (entry.kind === "withdrawal" && entry.result_set === resultSet) ||
      (entry.kind === "publication" && entry.corrects === resultSet)
    );
  });
  return { result: isWhole && continues ? "holds" : "fails", ended, size: leaves.length };
}
