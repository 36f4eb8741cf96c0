// Stores what is typed, chosen and ticked in forms (form[data-draft]) until the server has it, so that a lost
// connection, a reload, an expired session or a closed tab loses nothing. Files are not stored. A value that someone
// else saved in the meantime is never overwritten. Each tab works on its own drafts; a copy on the device is for the
// tab that is opened after this one was closed. Drafts belong to an account: they go when it signs out, when another
// account signs in on the device, and after DRAFT_DAYS.
(() => {
  const PREFIX = "held:";
  const DRAFT_DAYS = 14;
  const DAY = 24 * 60 * 60 * 1000;
  const userPrefix = `${PREFIX}${document.currentScript.dataset.user}:`;
  // A page that answers a sent form shows what was typed, as the server reads it: ๘7.๕5 as 87.55, a text without the
  // spaces at its ends. Such a value is nobody else's.
  const isAnswer = document.currentScript.dataset.method === "POST";
  const FIELDS = "textarea, select, input:not([type]), input[type=text], input[type=email], input[type=checkbox]";
  const TICKED = "✓";
  const tab = openStorage("sessionStorage");
  const device = openStorage("localStorage");

  // A draft is { typed: { key of field: [value the server showed, value typed] }, sent: whether it was submitted,
  // at: when it was stored }.
  const drafts = {
    listNames(storage) {
      return storage ? Object.keys(storage).filter((name) => name.startsWith(PREFIX)) : [];
    },
    load(name, storage = tab) {
      try {
        return JSON.parse(storage.getItem(name)) || {};
      } catch {
        return {};
      }
    },
    remove(name) {
      for (const storage of [tab, device]) storage?.removeItem(name);
    },
    save(name, draft) {
      this.remove(name);
      if (Object.keys(draft.typed).length === 0) return;
      for (const storage of [tab, device]) {
        try {
          storage?.setItem(name, JSON.stringify({ ...draft, at: Date.now() }));
        } catch {
          // storage is full: forms work without drafts
        }
      }
    },
    // Brings the copy of a tab that was closed into this one; whether it was sent then is not known any more.
    bringBack(name) {
      const { typed, at } = this.load(name, device);
      if (!tab || !typed || tab.getItem(name)) return;
      try {
        tab.setItem(name, JSON.stringify({ typed, at, sent: false }));
      } catch {
        // as above
      }
    },
  };

  function openStorage(name) {
    try {
      return window[name];
    } catch {
      return null; // refused by the browser: there are no drafts
    }
  }

  document.querySelector("form[action*=logout]")?.addEventListener("submit", () => {
    for (const name of [...drafts.listNames(tab), ...drafts.listNames(device)]) drafts.remove(name);
  });

  for (const name of drafts.listNames(device)) {
    const isOld = !(Date.now() - drafts.load(name, device).at < DRAFT_DAYS * DAY);
    if (isOld || !name.startsWith(userPrefix)) drafts.remove(name);
  }

  const hasErrors = Boolean(document.querySelector(".note.bad[role=alert]"));
  const wasSaved = !hasErrors && Boolean(document.querySelector(".note.good[role=status]"));
  const answered = new Set();
  for (const name of drafts.listNames(tab)) {
    const draft = drafts.load(name);
    const isOfAnotherUser = !name.startsWith(userPrefix);
    if (isOfAnotherUser || (wasSaved && draft.sent)) drafts.remove(name);
    else if (draft.sent) {
      if (isAnswer) answered.add(name);
      drafts.save(name, { ...draft, sent: false }); // refused, or it never arrived
    }
  }

  for (const form of document.querySelectorAll("form[data-draft]")) {
    // On the way back a browser fills fields by their place in the form, where rows may have moved since.
    if (tab) form.autocomplete = "off";
    restoreAndWatch(form);
  }

  function restoreAndWatch(form) {
    const path = new URL(form.getAttribute("action") || "", location).pathname;
    const name = `${userPrefix}${path}#${form.dataset.draft}`;
    drafts.bringBack(name);
    const draft = { typed: {}, ...drafts.load(name), sent: false };
    const fields = [...form.querySelectorAll(FIELDS)].filter((field) => field.name && !field.readOnly);
    const keys = buildKeys(fields);
    const { restored, conflicts } = restoreFields(fields, keys, draft, answered.has(name));
    drafts.save(name, draft);

    if (restored.length || conflicts.length) {
      const discard = () => {
        for (const field of restored) setValue(field, getServerValue(field));
        draft.typed = {};
        drafts.remove(name);
      };
      form.prepend(buildNotice(restored, conflicts, discard));
    }
    form.addEventListener("input", ({ target }) => {
      if (!fields.includes(target)) return;
      const isConflict = conflicts.some(([field]) => field === target);
      const key = keys.get(target);
      const serverValue = isConflict ? undefined : draft.typed[key]?.[0];
      draft.typed[key] = [serverValue ?? getServerValue(target), getValue(target)];
      draft.sent = false;
      drafts.save(name, draft);
    });
    form.addEventListener("submit", () => {
      draft.sent = true;
      drafts.save(name, draft);
    });
  }

  // The name of each field; of a tick box with what it stands for; in a form of rows that share their names, with the
  // number of the row.
  function buildKeys(fields) {
    const counts = new Map();
    return new Map(
      fields.map((field) => {
        const name = getName(field);
        const row = counts.get(name) ?? 0;
        counts.set(name, row + 1);
        return [field, row === 0 ? name : `${name}#${row}`];
      }),
    );
  }

  // Puts typed values back where the server's value is still the one they were typed over; the others are conflicts.
  function restoreFields(fields, keys, draft, isAnswered) {
    const restored = [];
    const conflicts = [];
    const inRows = new Set(fields.filter((field) => keys.get(field) !== getName(field)).map(getName));
    for (const field of fields) {
      const key = keys.get(field);
      renameInDraft(field, key, draft);
      const [earlierValue, typed] = draft.typed[key] || [];
      const serverValue = getServerValue(field);
      if (isAnswered && inRows.has(getName(field))) {
        // the server may have moved rows together: they stand as it shows them
        if (serverValue === "") delete draft.typed[key];
        else draft.typed[key] = [earlierValue ?? "", serverValue];
        continue;
      }
      if (typed === undefined || typed === serverValue) {
        // a page with errors, or one that answers a form, shows typed values that are not saved yet
        if (!hasErrors && !isAnswer) delete draft.typed[key];
      } else if (earlierValue === serverValue) {
        setValue(field, typed);
        if (getValue(field) === typed) restored.push(field);
        else {
          setValue(field, serverValue); // the choice no longer exists
          delete draft.typed[key];
        }
        openDetailsAround(field);
      } else if (isAnswered && serverValue !== "") {
        draft.typed[key] = [earlierValue, serverValue];
      } else conflicts.push([field, typed]);
    }
    return { restored, conflicts };
  }

  // A draft of an earlier version has the value under the field's former name.
  function renameInDraft(field, key, draft) {
    const { formerName } = field.dataset;
    if (!formerName || !(formerName in draft.typed)) return;
    draft.typed[key] ??= draft.typed[formerName];
    delete draft.typed[formerName];
  }

  function isTickBox(field) {
    return field.type === "checkbox";
  }

  function getName(field) {
    const name = field.dataset.draftName || field.name; // a new row has another name on every page
    return isTickBox(field) ? `${name}=${field.value}` : name;
  }

  function getValue(field) {
    if (!isTickBox(field)) return field.value;
    return field.checked ? TICKED : "";
  }

  function setValue(field, value) {
    if (isTickBox(field)) field.checked = value === TICKED;
    else field.value = value;
  }

  function getServerValue(field) {
    if (isTickBox(field)) return field.defaultChecked ? TICKED : "";
    if (!field.matches("select")) return field.defaultValue;
    const selected = [...field.options].find((option) => option.defaultSelected) || field.options[0];
    return selected?.value ?? "";
  }

  function openDetailsAround(field) {
    for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }

  function buildNotice(restored, conflicts, discard) {
    const notice = createElement("div", "", "note weak");
    const line = createElement("p", "");
    const button = createElement("button", "ทิ้งข้อความที่พิมพ์ค้างไว้", "quiet");
    notice.setAttribute("role", "status");
    if (restored.length) {
      line.append(`นำข้อความที่พิมพ์ค้างไว้กลับมาใส่ให้แล้ว ${restored.length} ช่อง ยังไม่ได้บันทึก `);
      line.append("เก็บไว้ในเครื่องนี้จนกว่าจะบันทึกหรือออกจากระบบ ");
    }
    if (conflicts.length) line.append(`มีผู้อื่นแก้ ${conflicts.length} ช่องที่คุณพิมพ์ค้างไว้ ข้อความของคุณอยู่ข้างล่างนี้ `);
    button.type = "button";
    button.addEventListener("click", () => {
      discard();
      notice.remove();
    });
    line.append(button);
    notice.append(line);
    for (const [field, typed] of conflicts) {
      const label = field.labels?.[0]?.textContent || field.name;
      notice.append(createElement("b", label), createElement("p", typed || "(ว่าง)", "text small"));
    }
    return notice;
  }

  function createElement(tagName, text, className = "") {
    const element = document.createElement(tagName);
    element.textContent = text;
    if (className) element.className = className;
    return element;
  }
})();
