// Searching without a server, on the page of an exported folder: as prongsai/registry/name_search.py does it.
// The index (prongsaiAgencies) has each agency's words in the form that is compared, and how typed words come into it.
(() => {
  const EXACT = 1;
  const PREFIX = 0.9;
  const INSIDE = 0.75;
  const NEAR = 0.7;
  const PLACE = 0.8;
  const OF_TYPE = 0.15;
  const WHOLE = 0.02;
  const ALL_WORDS = 0.5;
  const SHOWN_NEAR = 0.8;
  const LEAST_ALIKE = 0.66;
  const LEAST_LETTERS = 3;
  const MOST_WORDS = 5;
  const MOST = 20;
  const WORD_BITS = 32;

  // the form in which words are compared
  function keyOf(word, reading) {
    let key = word.toLowerCase();
    if (/[\u0e00-\u0e7f]/.test(key)) {
      key = key.replace(/[ก-ฮ][ิุ]?์/g, "").replace(/./gu, (letter) => reading.sounds[letter] ?? letter);
      key = key.replace(/[^\u0e01-\u0e2e\u0e30\u0e32\u0e33\u0e3b-\u0e460-9a-z]/g, "").replace(/ำ/g, "า");
      if (/[\u0e00-\u0e7f]/.test(key)) return key;
    }
    key = key.replace(/[^a-z0-9]+/g, "");
    for (const [spelling, sound] of reading.latin) key = key.replaceAll(spelling, sound);
    return key.replace(/([a-z])\1/g, "$1");
  }

  // a key and, where a place ends it, this apart: as one types without spaces
  function splitPlace(key, { marks, places }) {
    if (/[a-z]/.test(key)) return [key];
    for (const mark of marks) {
      const at = key.indexOf(mark);
      if (at > 0 && at + mark.length < key.length) return [key.slice(0, at), key.slice(at + mark.length)];
    }
    const place = places.find((one) => key.endsWith(one) && key.length - one.length >= LEAST_LETTERS);
    return place ? [key.slice(0, -place.length), place] : [key];
  }

  // letters as they were meant: two เ for แ, a mark after a space or twice, Thai digits
  function cleaned(text) {
    return text
      .replaceAll("เเ", "แ")
      .replace(/ +([\u0e31\u0e33-\u0e3a\u0e47-\u0e4e])/g, "$1")
      .replace(/([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])\1+/g, "$1")
      .replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0x0e50));
  }

  function expandAbbreviations(typed, abbreviations) {
    let text = cleaned(typed);
    for (const [short, full] of abbreviations) {
      text = text.replace(new RegExp(`(^|[^\u0e01-\u0e4e])${short}`, "gu"), (_, before) => before + full);
    }
    return text;
  }

  // the words that were typed, in the form that is compared, and the type of agency among them
  function read(typed, reading) {
    const [phrase, named] = reading.phrases.find(([one]) => new RegExp(`\\b${one}\\b`).test(typed.toLowerCase())) ?? [
      "",
      "",
    ];
    const lowered = typed.toLowerCase().replace(phrase ? new RegExp(`\\b${phrase}\\b`, "g") : "", phrase ? " " : "");
    const words = [];
    let kind = named;
    const parts = expandAbbreviations(lowered, reading.abbreviations).trim().split(/\s+/);
    for (const part of parts.slice(0, 2 * MOST_WORDS)) {
      if (reading.short[part]) continue;
      const full = expandAbbreviations(part.replace(new RegExp(reading.glued), "$1."), reading.abbreviations);
      const [prefix, of] = reading.types.find(([start]) => full.startsWith(start)) ?? ["", ""];
      const rest = full.slice(prefix.length);
      kind ||= of;
      if (rest === "municipality") kind ||= rest;
      else if (rest && !reading.fillers.includes(rest)) words.push(rest);
    }
    const typeAlone = typed
      .replaceAll(".", "")
      .split(/\s+/)
      .map((word) => reading.short[word] ?? word);
    const keys = (words.length ? words : typeAlone).flatMap((word) => splitPlace(keyOf(word, reading), reading));
    return { words: keys.filter(Boolean), kind };
  }

  // Thai letters after those of ASCII
  function codeOf(letter) {
    return letter < 128 ? letter : 128 + (letter & 127);
  }

  function hasThai(word) {
    return /[^a-z0-9]/.test(word);
  }

  // the words of all agencies, each once, and which agencies have them
  function gather(agencies) {
    const owners = new Map();
    agencies.forEach((row, agency) => {
      const weights = new Map(row[5].split(" ").map((word) => [word, PLACE]));
      for (const word of row[4].split(" ")) weights.set(word, 1);
      for (const [word, weight] of weights) {
        if (!word) continue;
        if (!owners.has(word)) owners.set(word, []);
        owners.get(word).push([agency, weight]);
      }
    });
    const words = [...owners.keys()];
    const text = words.map((word) => `\n${word}`).join("");
    const starts = new Int32Array(words.length + 1);
    words.forEach((word, n) => {
      starts[n + 1] = starts[n] + word.length + 1;
    });
    return {
      words,
      isThai: Uint8Array.from(words, (word) => (hasThai(word) ? 1 : 0)),
      letters: [0, 1].map((half) => Int32Array.from(words, (word) => lettersOf(word)[half])),
      text,
      starts,
      codes: Uint8Array.from(text, (letter) => codeOf(letter.charCodeAt(0))),
      owners: [...owners.values()],
      count: agencies.length,
    };
  }

  // the last word that begins at a place of the text or before
  function wordAt(starts, place) {
    let [first, last] = [0, starts.length - 1];
    while (last - first > 1) {
      const middle = (first + last) >> 1;
      if (starts[middle] <= place) first = middle;
      else last = middle;
    }
    return first;
  }

  // how each known word fits one that is written as typed
  function fitWritten(word, { words, text, starts }) {
    const fits = new Float64Array(words.length);
    const sought = word.length < LEAST_LETTERS ? `\n${word}` : word;
    for (let place = text.indexOf(sought); place >= 0; place = text.indexOf(sought, place + 1)) {
      const n = wordAt(starts, place);
      const share = word.length / words[n].length;
      const fit = (place <= starts[n] + 1 ? PREFIX : INSIDE) - 0.1 * (1 - share);
      fits[n] = Math.max(fits[n], share === 1 ? EXACT : fit);
    }
    return fits;
  }

  // which letters a word has: bits of two numbers
  function lettersOf(word) {
    const found = [0, 0];
    for (let n = 0; n < word.length; n++) {
      const code = word.charCodeAt(n) & 63;
      found[code >> 5] |= 1 << (code & 31);
    }
    return found;
  }

  function countBits(bits) {
    let rest = bits - ((bits >>> 1) & 0x55555555);
    rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
    return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }

  // letters to add, to remove, to change or to swap between a word and a part of the codes: a column of the table of
  // distances is held in the bits of a few numbers (Hyyrö 2003, as in RapidFuzz)
  function compareTo(word, codes) {
    const blocks = Math.ceil(word.length / WORD_BITS);
    const masks = new Int32Array(256 * blocks);
    for (let n = 0; n < word.length; n++) {
      masks[codeOf(word.charCodeAt(n)) * blocks + Math.floor(n / WORD_BITS)] |= 1 << (n % WORD_BITS);
    }
    const end = 1 << ((word.length - 1) % WORD_BITS);
    const [more, less, same, before] = [0, 1, 2, 3].map(() => new Int32Array(blocks));
    return (first, last) => {
      more.fill(-1);
      less.fill(0);
      same.fill(0);
      before.fill(0);
      let distance = word.length;
      for (let place = first; place < last; place++) {
        let [carryMore, carryLess, sameBelow, maskBelow] = [1, 0, 0, 0];
        for (let b = 0; b < blocks; b++) {
          const mask = masks[codes[place] * blocks + b];
          const swapped = (((~same[b] & mask) << 1) | ((~sameBelow & maskBelow) >>> 31)) & before[b];
          const met = mask | carryLess;
          const now = ((((met & more[b]) + more[b]) | 0) ^ more[b]) | met | less[b] | swapped;
          const right = less[b] | ~(now | more[b]);
          const left = now & more[b];
          if (b === blocks - 1) distance += (right & end ? 1 : 0) - (left & end ? 1 : 0);
          const [shiftedRight, shiftedLeft] = [(right << 1) | carryMore, (left << 1) | carryLess];
          [carryMore, carryLess, sameBelow, maskBelow] = [right >>> 31, left >>> 31, same[b], mask];
          more[b] = shiftedLeft | ~(now | shiftedRight);
          less[b] = shiftedRight & now;
          same[b] = now;
          before[b] = mask;
        }
      }
      return distance;
    };
  }

  // how each known word fits one with wrong letters, too many or too few
  function fitNear(word, known, asTyped) {
    const fits = asTyped.slice();
    if (word.length < LEAST_LETTERS) return fits;
    const distanceTo = compareTo(word, known.codes);
    const [shortest, longest] = [Math.floor(word.length * LEAST_ALIKE), Math.floor(word.length / LEAST_ALIKE)];
    const isThai = hasThai(word) ? 1 : 0;
    const [low, high] = lettersOf(word);
    const { starts, letters } = known;
    for (let n = 0; n < known.words.length; n++) {
      const length = starts[n + 1] - starts[n] - 1;
      if (length < shortest || length > longest || known.isThai[n] !== isThai) continue;
      const longer = Math.max(word.length, length);
      const differ = countBits(low ^ letters[0][n]) + countBits(high ^ letters[1][n]);
      if (differ > 2 * (1 - LEAST_ALIKE) * longer + 1) continue; // one change makes two at most
      const alike = 1 - distanceTo(starts[n] + 1, starts[n + 1]) / longer;
      if (alike >= LEAST_ALIKE) fits[n] = Math.max(fits[n], alike * NEAR);
    }
    return fits;
  }

  // the best fit of each agency, from that of each known word
  function ofAgencies(fits, { owners, count }) {
    const best = new Float64Array(count);
    for (let n = 0; n < fits.length; n++) {
      if (fits[n] === 0) continue;
      for (const [agency, weight] of owners[n]) {
        if (fits[n] * weight > best[agency]) best[agency] = fits[n] * weight;
      }
    }
    return best;
  }

  function isOfKind(kind, wanted, { municipalities }) {
    return wanted === "municipality" ? municipalities.includes(kind) : kind === wanted;
  }

  function rank({ agencies, reading }, { words, kind }, fit, missing, share) {
    if (words.length <= missing) return [];
    const each = words.slice(0, MOST_WORDS).map(fit);
    const whole = words.length > 1 ? fit(words.join("")) : null;
    const scored = [];
    agencies.forEach((row, place) => {
      let [sum, least, second] = [0, 1, 1];
      for (const fits of each) {
        const fit = fits[place];
        sum += fit;
        if (fit < least) [least, second] = [fit, least];
        else if (fit < second) second = fit;
      }
      const score = Math.max(
        (missing ? second : least) < ALL_WORDS * PLACE ? 0 : sum / each.length,
        whole && whole[place] >= ALL_WORDS ? whole[place] + WHOLE : 0,
      );
      if (score === 0) return;
      const ofType = kind ? (isOfKind(row[3], kind, reading) ? OF_TYPE : -OF_TYPE) : 0;
      scored.push([score + ofType, place]);
    });
    scored.sort(([a, n], [b, m]) => b - a || n - m);
    const shown = scored.slice(0, MOST).filter(([score]) => score >= share * scored[0][0]);
    return shown.map(([, place]) => agencies[place]);
  }

  function onOtherKeyboard(text, [latin, thai]) {
    const [from, to] = /[\u0e00-\u0e7f]/.test(text) ? [thai, latin] : [latin, thai];
    return text.replace(/./gu, (letter) => to[from.indexOf(letter)] ?? letter);
  }

  function remembered(compute) {
    const known = new Map();
    return (key) => known.get(key) ?? known.set(key, compute(key)).get(key);
  }

  const gathered = new WeakMap();

  // the agencies that a text means, the best first, and whether none is written as it was typed
  globalThis.findAgencies = (index, text) => {
    if (!gathered.has(index)) gathered.set(index, gather(index.agencies));
    const known = gathered.get(index);
    const typed = cleaned(text).slice(0, 120).trim();
    if (!/[\u0e01-\u0e4ea-zA-Z0-9]/.test(typed)) return { found: [], isNear: false };
    const other = typed.length < LEAST_LETTERS ? "" : onOtherKeyboard(typed, index.reading.keys);
    const asTyped = remembered((word) => fitWritten(word, known));
    const written = remembered((word) => ofAgencies(asTyped(word), known));
    const near = remembered((word) => ofAgencies(fitNear(word, known, asTyped(word)), known));
    for (const [tried, fit, missing, share] of [
      [typed, written, 0, 0],
      [other, written, 0, 0],
      [typed, near, 0, SHOWN_NEAR],
      [typed, near, 1, SHOWN_NEAR],
    ]) {
      const found = rank(index, read(tried, index.reading), fit, missing, share);
      if (found.length) return { found, isNear: fit === near || tried !== typed };
    }
    return { found: [], isNear: false };
  };
  if (typeof document === "undefined") return;

  const form = document.querySelector("form.search");
  const field = form.elements.q;
  const isEnglish = document.documentElement.lang === "en";
  const status = document.getElementById("search-status");

  function show() {
    const { found, isNear } = globalThis.findAgencies(globalThis.prongsaiAgencies, field.value);
    const list = document.createElement("ul");
    list.className = "results";
    for (const [file, thai, english] of found) {
      const [name, place] = isEnglish ? english : thai;
      const link = document.createElement("a");
      link.href = `../${file}`;
      const label = link.appendChild(document.createElement("span"));
      label.append(`${name} `);
      if (place && !name.includes(place)) {
        const beside = label.appendChild(document.createElement("span"));
        beside.className = "muted";
        beside.append(place);
      }
      list.appendChild(document.createElement("li")).append(link);
    }
    const near = isEnglish ? "Nothing is written so. Did you mean:" : "ไม่มีชื่อที่เขียนอย่างนี้ หมายถึงหน่วยงานเหล่านี้หรือไม่";
    const none = isEnglish ? "No agency found" : "ไม่พบหน่วยงาน";
    const note = document.createElement("p");
    note.className = "near";
    note.append(!field.value.trim() ? "" : isNear ? near : found.length ? "" : none);
    form.querySelector("#search-results").replaceChildren(note, list);
    status.textContent = found.length
      ? isEnglish
        ? `Found ${found.length}`
        : `พบ ${found.length} หน่วยงาน`
      : note.textContent;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  field.addEventListener("input", show);
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  if (field.value) show();
})();
