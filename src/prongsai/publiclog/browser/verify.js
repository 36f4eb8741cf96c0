// The page that verifies a receipt in the visitor's browser: nothing of it is sent anywhere. The words of each outcome
// stand in the page, in its language, as templates named check-result(-detail).
import { compareHistory, readLog } from "./history.js";
import { parseCheckpoint, parseKey, parseNote } from "./note.js";
import { verifyReceipt } from "./receipt.js";

const page = document.getElementById("verify");
const results = document.getElementById("results");
const keysField = document.getElementById("keys");
const STORED_KEYS = "public-log-keys";
const COLLECTION_MARKS = ["open_link", "above_population"]; // how answers came in, which no arithmetic shows
const seenKey = (origin) => `public-log-seen:${origin}`;
keysField.value = localStorage.getItem(STORED_KEYS) ?? "";

function words(name, values = {}) {
  const template = document.getElementById(`say-${name}`);
  let text = template.content.textContent.replaceAll(/\s+/g, " ").trim();
  for (const [key, value] of Object.entries(values)) text = text.replaceAll(`[${key}]`, value);
  return text;
}

let current = 0; // of the verifications that were begun; what an earlier one finds later is of another file

function begin() {
  const own = ++current;
  results.replaceChildren();
  return (...found) => {
    if (own === current) append(...found);
  };
}

function append(result, name, values) {
  const item = document.createElement("li");
  item.className = result;
  const mark = { holds: "✓", fails: "✗", unknown: "?" }[result];
  item.textContent = `${mark} ${words(name, values)}`;
  results.append(item);
}

async function fetchBytes(path) {
  const response = await fetch(page.dataset.log + path, { credentials: "omit" });
  if (!response.ok) throw new TypeError(path);
  return new Uint8Array(await response.arrayBuffer());
}

async function showHistory(receipt, checkpoint, show) {
  let log;
  try {
    log = await readLog(fetchBytes);
  } catch {
    show("unknown", "history-unread");
    return;
  }
  const seen = localStorage.getItem(seenKey(checkpoint.origin));
  const earlier = seen ? [checkpoint, parseCheckpoint(parseNote(seen).text)] : [checkpoint];
  if (log.checkpoint.origin !== checkpoint.origin) {
    show("unknown", "history-other", { origin: checkpoint.origin });
    return;
  }
  const { result, ended, size } = compareHistory(log, earlier, receipt.about.result_set);
  show(result, `history-${result}`, { size: String(size) });
  if (ended >= 0) show("fails", "history-ended", { index: String(ended) });
  if (result === "holds") localStorage.setItem(seenKey(checkpoint.origin), log.text);
}

async function verify(text, opening) {
  const show = begin();
  const keyTexts = keysField.value.split("\n").filter((line) => line.trim());
  try {
    for (const key of keyTexts) parseKey(key);
  } catch {
    show("fails", "bad-key");
    return;
  }
  localStorage.setItem(STORED_KEYS, keysField.value);
  let verified;
  try {
    verified = verifyReceipt(text, keyTexts, opening);
  } catch {
    show("fails", "no-receipt");
    return;
  }
  const { receipt, checkpoint, checks } = verified;
  show("holds", "about", { agency: String(receipt.agency?.name), year: String(receipt.fiscal_year) });
  for (const { check, result, detail } of checks) {
    const name = check === "signature" && result === "unknown" ? `${check}-${detail}` : `${check}-${result}`;
    show(result, name, { detail: detail ?? "" });
  }
  for (const [survey, marks] of Object.entries(receipt.about?.collection ?? {}))
    for (const mark of COLLECTION_MARKS) if (marks?.[mark]) show("unknown", `collection-${mark}`, { survey });
  const brought = receipt.about?.brought;
  if (Array.isArray(brought) && brought.length) show("unknown", "brought", { items: brought.join(", ") });
  if (checkpoint && checks.every((one) => one.result !== "fails")) await showHistory(receipt, checkpoint, show);
  results.focus();
}

async function verifyChosen() {
  const [receipt, opening] = ["receipt", "opening"].map((id) => document.getElementById(id).files[0]);
  if (receipt) await verify(await receipt.text(), opening ? await opening.text() : "");
}

document.getElementById("receipt").addEventListener("change", verifyChosen);
document.getElementById("opening").addEventListener("change", verifyChosen);
document.getElementById("verify-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  await verifyChosen();
});
document.getElementById("use-site-key")?.addEventListener("click", () => {
  keysField.value = page.dataset.key;
});
// A file may have been chosen before this script was there to notice: on a slow line, or when the page is come back to.
verifyChosen();
