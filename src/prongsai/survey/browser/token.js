// Exchanges an invitation for the right to answer once, without a name: RFC 9474, RSABSSA-SHA384-PSS-Randomized. The
// token is made and blinded here, signed by the server without being seen, and unblinded here. The server's part is
// survey/tokens.py; a test lets each check the other.
import { RSABSSA } from "@cloudflare/blindrsa-ts";

const MESSAGE = "prongsai token 1\0"; // before the channel's slug
const EXPONENT = "AQAB"; // a prime: a signature that is valid shows that the key can't have marked what was blinded
const KEY_BITS = 2048;
const FINGERPRINT_LENGTH = 16;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const suite = RSABSSA.SHA384.PSS.Randomized();

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

const toText = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");

const fromText = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

function importKey(modulus) {
  if (bytesOf(modulus).length * 8 !== KEY_BITS) throw new Error("not a key of this size");
  const n = toText(bytesOf(modulus)).replaceAll("=", "");
  const key = { kty: "RSA", n, e: EXPONENT, ext: true };
  return crypto.subtle.importKey("jwk", key, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);
}

/** What invitations say of the key, so that nobody is handed a key of their own that would mark them. */
export async function fingerprint(modulus) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(modulus)));
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from(
    { length: FINGERPRINT_LENGTH },
    (_, k) => ALPHABET[Number.parseInt(bits.slice(5 * k, 5 * k + 5), 2)],
  ).join("");
}

/** A token that nobody has signed yet: what is sent, and what must be kept to unblind the answer. */
export async function makeRequest(modulus, slug) {
  const prepared = suite.prepare(new TextEncoder().encode(MESSAGE + slug));
  const { blindedMsg, inv } = await suite.blind(await importKey(modulus), prepared);
  return { prepared: toText(prepared), blinded: toText(blindedMsg), inverse: toText(inv) };
}

/** The token as text: the random prefix and the signature. Throws where the signature is not valid. */
export async function finish(modulus, request, signature) {
  const prepared = fromText(request.prepared);
  const key = await importKey(modulus);
  const signed = await suite.finalize(key, prepared, fromText(signature), fromText(request.inverse));
  return toText([...prepared.slice(0, 32), ...signed]);
}

// --- the page

function startPage(page) {
  const { slug, modulus } = page.dataset;
  const asked = (number) => `asked:${slug}:${number}`;
  const TOKEN = `token:${slug}`;
  const find = (name) => page.querySelector(`[data-${name}]`);
  const form = page.querySelector("form");

  const read = (storage, name) => {
    try {
      return storage.getItem(name);
    } catch {
      return null; // a browser that stores nothing
    }
  };
  const remove = (name) => {
    for (const storage of [localStorage, sessionStorage]) storage.removeItem(name);
  };
  const say = (name) => {
    for (const part of page.querySelectorAll("[data-problem]")) part.hidden = part.dataset.problem !== name;
    if (name) page.querySelector(`[data-problem="${name}"]`).focus();
  };

  function showToken(token, isKept) {
    form.hidden = true;
    find("done").hidden = false;
    find("kept").hidden = !isKept;
    find("not-kept").hidden = isKept;
    const address = new URL(`../#t.${token}`, location.href);
    find("link").value = address.href;
    find("done").focus();
  }

  /** The request of this number, if it was sent before and its answer was lost: asking anew would be refused. */
  async function takeRequest(storage, number) {
    const before = read(localStorage, asked(number)) || read(sessionStorage, asked(number));
    if (before) return JSON.parse(before);
    const request = await makeRequest(modulus, slug);
    storage.setItem(asked(number), JSON.stringify(request)); // before it is sent
    return request;
  }

  async function exchange(event) {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    say("");
    const isOwn = form.elements.device.value === "own";
    const number = form.elements.number.value.toUpperCase().replace(/[\s-]/g, "");
    const storage = isOwn ? localStorage : sessionStorage;
    if (isOwn && read(localStorage, TOKEN)) {
      say("occupied");
      return;
    }
    button.disabled = true;
    try {
      const request = await takeRequest(storage, number);
      const body = new URLSearchParams({ number, blinded: request.blinded });
      const answer = await fetch(location.pathname, { method: "POST", body, cache: "no-store" });
      if (answer.status === 422) {
        remove(asked(number));
        say("refused");
      } else if (answer.ok) {
        const token = await finish(modulus, request, (await answer.json()).signature);
        storage.setItem(TOKEN, token);
        remove(asked(number)); // what could join the number to the token
        form.elements.number.value = "";
        showToken(token, isOwn);
      } else {
        say("later");
      }
    } catch {
      say("later");
    }
    button.disabled = false;
  }

  /** The number stands after "#", where no server reads it; it is taken out of the address at once. */
  async function takeInvitation() {
    const [number, expected] = decodeURIComponent(location.hash.slice(1)).split(".");
    if (number) history.replaceState(null, "", location.pathname + location.search);
    const own = await fingerprint(modulus);
    find("fingerprint").textContent = own.match(/.{4}/g).join("-");
    const isOther = Boolean(expected) && expected !== own;
    say(isOther ? "other-key" : "");
    form.hidden = isOther;
    find("done").hidden = true;
    form.elements.number.value = number || "";
    const token = read(localStorage, TOKEN);
    if (token && !number) showToken(token, true);
  }

  function start() {
    takeInvitation();
    addEventListener("hashchange", () => location.hash && takeInvitation()); // of one that is scanned where it is open
    form.addEventListener("submit", exchange);
    find("copy").addEventListener("click", async () => {
      find("link").select();
      await navigator.clipboard.writeText(find("link").value);
      find("copied").hidden = false;
    });
  }

  find("without").hidden = true;
  start();
}

const page = globalThis.document?.querySelector("[data-invitation]");
if (page && globalThis.crypto?.subtle) startPage(page);
