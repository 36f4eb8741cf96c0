// A receipt computed again and followed to the public log, in the visitor's browser. Scores are exact fractions of
// whole numbers. Each check gives { check, result, detail }; results are "holds", "fails" and "unknown".
// Totals of questions are only committed to: with the opening, which an auditor has, scores are computed from them.

import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { decode, FormatError, isSignedBy, parseCheckpoint, parseKey, parseNote, parseProof } from "./note.js";
import { hashLeaf, hashText, verifyInclusion } from "./tree.js";

const FORMATS = ["prongsai-receipt/2", "prongsai-receipt/1"];
const OPENING = "prongsai-opening/1";
const SHOWN = /^(-?)(\d+)(?:\.(\d+))?$/;

// Python's order of keys: by code points.
function compare(one, other) {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1)
    if (a[at] !== b[at]) return a[at].codePointAt(0) - b[at].codePointAt(0);
  return a.length - b.length;
}

// The one way in which data is written as JSON; numbers other than whole ones are not known here.
export function canonical(data) {
  if (Array.isArray(data)) return `[${data.map(canonical).join(",")}]`;
  if (data !== null && typeof data === "object")
    return `{${Object.keys(data)
      .sort(compare)
      .map((key) => `${JSON.stringify(key)}:${canonical(data[key])}`)
      .join(",")}}`;
  if (typeof data === "number" && !Number.isSafeInteger(data)) throw new FormatError("number");
  return JSON.stringify(data);
}

function fraction(numerator, denominator) {
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  if (b <= 0n) throw new FormatError("fraction");
  while (b) [a, b] = [b, a % b];
  return { top: numerator / (a || 1n), bottom: denominator / (a || 1n) };
}

const add = (one, other) => fraction(one.top * other.bottom + other.top * one.bottom, one.bottom * other.bottom);
const multiply = (one, other) => fraction(one.top * other.top, one.bottom * other.bottom);
const read = ([top, bottom]) => fraction(BigInt(top), BigInt(bottom));
const ZERO = { top: 0n, bottom: 1n };

function roundHalfUp(value, places) {
  const scaled = value.top * 10n ** BigInt(places);
  const [whole, rest] = [scaled / value.bottom, scaled % value.bottom];
  const units = String(whole + (2n * rest >= value.bottom ? 1n : 0n)).padStart(places + 1, "0");
  return places ? `${units.slice(0, -places)}.${units.slice(-places)}` : units;
}

function scoreItems(items) {
  const known = new Map();
  for (const [item, answers] of Object.entries(items)) {
    if (answers.some(([, count]) => count === 0)) continue;
    const total = answers.reduce((sum, pair) => add(sum, read(pair)), ZERO);
    known.set(item, multiply(total, fraction(1n, BigInt(answers.length))));
  }
  return known;
}

// Every score of a receipt of points and answers; the names of the nodes that do not follow. Without the totals of
// questions, what rests on them is taken as it is shown, and compared with its parts as far as rounding allows.
function findWrongScores(receipt, opened) {
  const known = scoreItems({ ...receipt.items, ...opened });
  const rounded = new Set(receipt.given ?? []);
  const approximate = new Set(receipt.approximate ?? []);
  const withheld = new Set(receipt.about?.withheld ?? []);
  const wrong = [];
  const waiting = new Map(receipt.nodes.map((node) => [node.node, node]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [name, node] of waiting) {
      const parts = Object.entries(node.parts);
      if (rounded.has(name) && (!opened || parts.some(([part]) => withheld.has(part)))) {
        known.set(name, read(node.score));
        waiting.delete(name);
        changed = true;
        if (!isShownAs(read(node.score), node.shown)) wrong.push(name);
        continue;
      }
      const score = sumParts(parts, known) ?? known.get(name);
      if (!score) continue;
      known.set(name, score);
      waiting.delete(name);
      changed = true;
      const stated = read(node.score);
      const isSame = rounded.has(name) || (stated.top === score.top && stated.bottom === score.bottom);
      if (!approximate.has(name) && !(isSame && isShownAs(score, node.shown))) wrong.push(name);
    }
  }
  if (!opened) wrong.push(...findFarFromParts(receipt, rounded, approximate, known));
  return [...wrong, ...waiting.keys()];
}

function isShownAs(score, shown) {
  return roundHalfUp(score, SHOWN.exec(shown)?.[3]?.length ?? 0) === shown;
}

// The given scores that are further from their parts than rounding explains: half a unit each, by its weight.
function findFarFromParts(receipt, rounded, approximate, known) {
  return receipt.nodes
    .filter(({ node, parts, score, shown }) => {
      const entries = Object.entries(parts);
      const sum = sumParts(entries, known);
      if (!rounded.has(node) || !sum || entries.some(([part]) => approximate.has(part))) return false;
      const slack = entries
        .filter(([part]) => rounded.has(part))
        .reduce((total, [, weight]) => add(total, magnitude(read(weight))), ONE);
      const half = fraction(1n, 2n * 10n ** BigInt(SHOWN.exec(shown)?.[3]?.length ?? 0));
      const distance = magnitude(add(sum, multiply(read(score), fraction(-1n, 1n))));
      const most = multiply(slack, half);
      return distance.top * most.bottom > most.top * distance.bottom;
    })
    .map(({ node }) => node);
}

const ONE = { top: 1n, bottom: 1n };
const magnitude = ({ top, bottom }) => ({ top: top < 0n ? -top : top, bottom });

function sumParts(parts, known) {
  if (!parts.length || parts.some(([part]) => !known.has(part))) return null;
  return parts.reduce((sum, [part, weight]) => add(sum, multiply(read(weight), known.get(part))), ZERO);
}

function checkArithmetic(receipt, opened) {
  const { digest, log, ...content } = receipt;
  if (hashText(canonical(content)) !== digest) return { check: "digest", result: "fails" };
  if (!receipt.items) return { check: "arithmetic", result: "unknown", detail: "figures" };
  const wrong = findWrongScores(receipt, opened);
  const overall = receipt.nodes.find((node) => node.node === "overall")?.shown ?? "";
  return wrong.length
    ? { check: "arithmetic", result: "fails", detail: wrong.join(", ") }
    : { check: "arithmetic", result: "holds", detail: overall };
}

// What a receipt commits to, against the opening, if there is one; the totals where they are what was committed to.
function checkTotals(receipt, opening) {
  const names = Object.keys(receipt.committed ?? {});
  if (!names.length) return { check: null, opened: null };
  if (!opening) return { check: { check: "totals", result: "unknown", detail: String(names.length) }, opened: null };
  const items = opening.items ?? {};
  const isSame = opening.receipt === receipt.digest && Object.keys(items).length === names.length;
  const wrong = names.filter((name) => {
    const { totals, draw, salt } = items[name] ?? {};
    return !totals || hashText(canonical([name, totals, draw, salt])) !== receipt.committed[name];
  });
  if (!isSame || wrong.length)
    return { check: { check: "totals", result: "fails", detail: wrong.join(", ") }, opened: null };
  const opened = Object.fromEntries(names.map((name) => [name, items[name].totals]));
  return { check: { check: "totals", result: "holds", detail: String(names.length) }, opened };
}

// The way from the digest to the checkpoint; the checkpoint where there is one.
function checkInclusion(receipt) {
  const entry = JSON.parse(receipt.log.entry);
  const proof = parseProof(receipt.log.proof);
  const note = parseNote(proof.checkpoint);
  const checkpoint = parseCheckpoint(note.text);
  const isOfReceipt =
    entry.kind === "publication" &&
    entry.result_set === receipt.about.result_set &&
    entry.fiscal_year === receipt.fiscal_year;
  const isInEntry = verifyInclusion({
    leaf: hashLeaf(utf8ToBytes(receipt.digest)),
    index: receipt.log.position,
    size: entry.receipts.size,
    path: receipt.log.path.map(decode),
    root: hexToBytes(entry.receipts.root),
  });
  const isInLog = verifyInclusion({
    leaf: hashLeaf(utf8ToBytes(receipt.log.entry)),
    index: proof.index,
    size: checkpoint.size,
    path: proof.path,
    root: checkpoint.root,
  });
  const holds = isOfReceipt && isInEntry && isInLog;
  return {
    check: { check: "inclusion", result: holds ? "holds" : "fails", detail: String(proof.index) },
    note,
    checkpoint,
  };
}

function checkSignature(note, checkpoint, keys) {
  const signers = keys.filter((key) => isSignedBy(note, key)).map((key) => key.name);
  if (signers.includes(checkpoint.origin)) {
    const witnesses = signers.filter((name) => name !== checkpoint.origin);
    return { check: "signature", result: "holds", detail: [checkpoint.origin, ...witnesses].join(", ") };
  }
  return { check: "signature", result: "unknown", detail: keys.length ? "other" : "none" };
}

// All checks of a receipt by keys that the visitor trusts, and the checkpoint that it rests on, or null. The text of an
// opening is "" where there is none.
export function verifyReceipt(text, keyTexts, openingText = "") {
  const keys = keyTexts.map(parseKey);
  const receipt = JSON.parse(text);
  if (!FORMATS.includes(receipt?.format)) throw new FormatError("receipt");
  const opening = openingText ? JSON.parse(openingText) : null;
  if (opening && opening.format !== OPENING) throw new FormatError("opening");
  const { check: totals, opened } = checkTotals(receipt, opening);
  const checks = [checkArithmetic(receipt, opened), ...(totals ? [totals] : [])];
  if (!receipt.log)
    return { receipt, checkpoint: null, checks: [...checks, { check: "inclusion", result: "unknown" }] };
  try {
    const { check, note, checkpoint } = checkInclusion(receipt);
    return { receipt, checkpoint, checks: [...checks, check, checkSignature(note, checkpoint, keys)] };
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof TypeError || error instanceof SyntaxError)) throw error;
    return { receipt, checkpoint: null, checks: [...checks, { check: "inclusion", result: "fails" }] };
  }
}
