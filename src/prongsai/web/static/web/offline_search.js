// Searching without a server, on the page of an exported folder: what is written as typed first, then what is like it.
// The index (prongsaiAgencies) has each agency's words in the form that is compared, and how typed words come into it.
(() => {
  const EXACT = 1;
  const PREFIX = 0.9;
  const INSIDE = 0.75;
  const NEAR = 0.7;
  const OF_TYPE = 0.15;
  const LEAST_ALIKE = 0.66;
  const LEAST_LETTERS = 3;
  const MOST = 20;

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
    for (const mark of marks) {
      const at = key.indexOf(mark);
      if (at > 0 && at + mark.length < key.length) return [key.slice(0, at), key.slice(at + mark.length)];
    }
    const place = places.find((one) => key.endsWith(one) && key.length - one.length >= LEAST_LETTERS);
    return place ? [key.slice(0, -place.length), place] : [key];
  }

  function expandAbbreviations(text, abbreviations) {
    for (const [short, full] of abbreviations) {
      text = text.replace(new RegExp(`(^|[^\u0e01-\u0e4e])${short}`, "gu"), (_, before) => before + full);
    }
    return text;
  }

  function read(typed, reading) {
    const words = [];
    const text = expandAbbreviations(typed.toLowerCase(), reading.abbreviations).replaceAll(".", "");
    const [phrase, named] = reading.phrases.find(([one]) => ` ${text} `.includes(` ${one} `)) ?? ["", ""];
    let kind = named;
    const parts = ` ${text} `
      .replace(phrase ? ` ${phrase} ` : "", " ")
      .trim()
      .split(/\s+/);
    for (const part of parts.filter((one) => !reading.fillers.includes(one)).slice(0, 5)) {
      const [prefix, of] = reading.types.find(([start]) => part.startsWith(start)) ?? ["", ""];
      kind ||= of;
      const key = keyOf(part.slice(prefix.length), reading);
      if (key) words.push(...splitPlace(key, reading));
    }
    return { words, kind };
  }

  // 1 less the letters to add, to remove, to change or to swap, as a share of the longer word
  function likeness(one, other) {
    const rows = [Array.from({ length: other.length + 1 }, (_, n) => n)];
    for (let i = 1; i <= one.length; i++) {
      rows.push([i]);
      for (let j = 1; j <= other.length; j++) {
        const differs = one[i - 1] === other[j - 1] ? 0 : 1;
        let least = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + differs);
        if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
          least = Math.min(least, rows[i - 2][j - 2] + 1);
        }
        rows[i].push(least);
      }
    }
    return 1 - rows[one.length][other.length] / Math.max(one.length, other.length);
  }

  function fit(word, known, isNear) {
    if (known === word) return EXACT;
    const share = word.length / known.length;
    if (known.startsWith(word)) return PREFIX - 0.1 * (1 - share);
    if (word.length < LEAST_LETTERS) return 0;
    if (known.includes(word)) return INSIDE - 0.1 * (1 - share);
    if (!isNear || share < LEAST_ALIKE || share > 1 / LEAST_ALIKE) return 0;
    const alike = likeness(word, known);
    return alike < LEAST_ALIKE ? 0 : alike * NEAR;
  }

  function isOfKind(row, kind) {
    return kind === "municipality" ? row[1][0].startsWith("เทศบาล") : row[3] === kind;
  }

  function rank(index, { words, kind }, isNear, missing) {
    const scored = [];
    if (words.length <= missing) return scored;
    index.agencies.forEach((row, place) => {
      const known = row[4].split(" ");
      const fits = words.map((word) => Math.max(...known.map((one) => fit(word, one, isNear))));
      const mean = fits.reduce((a, b) => a + b) / fits.length;
      const whole = words.length > 1 ? Math.max(...known.map((one) => fit(words.join(""), one, isNear))) : 0;
      const score = fits.sort((a, b) => a - b)[missing] ? Math.max(mean, whole) : whole;
      if (score === 0) return;
      const ofType = kind ? (isOfKind(row, kind) ? OF_TYPE : -OF_TYPE) : 0;
      scored.push([score + ofType, place]);
    });
    scored.sort(([a, n], [b, m]) => b - a || n - m);
    return scored.slice(0, MOST).map(([, place]) => index.agencies[place]);
  }

  function onOtherKeyboard(text, [latin, thai]) {
    const [from, to] = /[\u0e00-\u0e7f]/.test(text) ? [thai, latin] : [latin, thai];
    return text.replace(/./gu, (letter) => to[from.indexOf(letter)] ?? letter);
  }

  // the agencies that a text means, the best first, and whether none is written as it was typed
  globalThis.findAgencies = (index, text) => {
    const typed = text.slice(0, 120).trim();
    const other = typed.length < LEAST_LETTERS ? "" : onOtherKeyboard(typed, index.reading.keys);
    for (const [tried, isNear, missing] of [
      [typed, false, 0],
      [other, false, 0],
      [typed, true, 0],
      [typed, true, 1],
    ]) {
      const found = rank(index, read(tried, index.reading), isNear, missing);
      if (found.length) return { found, isNear: isNear || tried !== typed };
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
