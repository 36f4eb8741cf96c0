// Holds the text, dates and choices of long forms in this tab alone until the server has them: a lost connection, a closed page or a
// session that ran out costs nothing. Tick boxes and files are not held. What the server shows is never overwritten.
(() => {
  const mine = `held:${document.currentScript.dataset.who}:`;
  const shelf = {
    names() {
      try {
        return Object.keys(sessionStorage).filter((name) => name.startsWith("held:"));
      } catch {
        return [];
      }
    },
    get(name) {
      try {
        return JSON.parse(sessionStorage.getItem(name)) || {};
      } catch {
        return {};
      }
    },
    drop(name) {
      try {
        sessionStorage.removeItem(name);
      } catch {
        /* nothing is held then */
      }
    },
    put(name, held) {
      this.drop(name);
      if (Object.keys(held.typed).length)
        try {
          sessionStorage.setItem(name, JSON.stringify(held));
        } catch {
          /* full or refused: forms work without */
        }
    },
  };
  document.querySelector("form[action*=logout]")?.addEventListener("submit", () => {
    for (const name of shelf.names()) shelf.drop(name);
  });
  const refused = document.querySelector(".note.bad[role=alert]");
  const stored = !refused && document.querySelector(".note.good[role=status]");
  for (const name of shelf.names()) {
    const held = shelf.get(name);
    if (!name.startsWith(mine) || (stored && held.sent)) shelf.drop(name);
    else if (held.sent) shelf.put(name, { ...held, sent: false }); // it was sent, and did not arrive
  }
  const shown = (field) =>
    field.matches("select")
      ? (([...field.options].find((o) => o.defaultSelected) || field.options[0])?.value ?? "")
      : field.defaultValue;
  for (const form of document.querySelectorAll("form[data-hold]")) {
    const name = `${mine}${new URL(form.getAttribute("action") || "", location).pathname}#${form.dataset.hold}`;
    const held = { typed: {}, ...shelf.get(name), sent: false };
    const fields = [
      ...form.querySelectorAll("textarea, select, input:not([type]), input[type=text], input[type=date]"),
    ].filter((f) => f.name && !f.readOnly);
    const back = [],
      aside = [];
    for (const field of fields) {
      const [before, typed] = held.typed[field.name] || [];
      const now = shown(field);
      if (typed === undefined || typed === now) {
        if (!refused) delete held.typed[field.name]; // a page that tells what is wrong shows what was typed, but does not have it
      } else if (before === now) {
        field.value = typed;
        if (field.value === typed) back.push(field);
        else {
          field.value = now;
          delete held.typed[field.name];
        } // a choice that is gone
        for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
      } else aside.push([field, typed]); // somebody else wrote here meanwhile
    }
    shelf.put(name, held);
    if (back.length || aside.length)
      form.prepend(
        note(back, aside, () => {
          for (const field of back) field.value = shown(field);
          held.typed = {};
          shelf.drop(name);
        }),
      );
    form.addEventListener("input", ({ target }) => {
      if (!fields.includes(target)) return;
      const before = aside.some(([field]) => field === target) ? undefined : held.typed[target.name]?.[0];
      held.typed[target.name] = [before ?? shown(target), target.value];
      held.sent = false;
      shelf.put(name, held);
    });
    form.addEventListener("submit", () => {
      held.sent = true;
      shelf.put(name, held);
    });
  }

  function note(back, aside, forget) {
    const box = made("div", ""),
      line = made("p", ""),
      button = made("button", "ทิ้งข้อความที่พิมพ์ค้างไว้");
    box.className = "note weak";
    box.setAttribute("role", "status");
    if (back.length) line.append(`นำข้อความที่พิมพ์ค้างไว้กลับมาใส่ให้แล้ว ${back.length} ช่อง ยังไม่ได้บันทึก `);
    if (aside.length) line.append(`มีผู้อื่นแก้ ${aside.length} ช่องที่คุณพิมพ์ค้างไว้ ข้อความของคุณอยู่ข้างล่างนี้ `);
    button.type = "button";
    button.className = "quiet";
    button.addEventListener("click", () => {
      forget();
      box.remove();
    });
    line.append(button);
    box.append(line);
    for (const [field, typed] of aside) {
      const about = made("p", typed);
      about.className = "text small";
      box.append(made("b", field.labels?.[0]?.textContent || field.name), about);
    }
    return box;
  }

  function made(kind, text) {
    const element = document.createElement(kind);
    element.textContent = text;
    return element;
  }
})();
