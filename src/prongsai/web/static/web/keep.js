// Keeps what is typed into long forms, in this tab alone, until the server has it: a lost connection, a closed page or a session that ran
// out costs nothing. What the server shows itself is never overwritten.
(() => {
  const mine = `kept:${document.currentScript.dataset.who}:`;
  const shelf = {
    get(key) { try { return JSON.parse(sessionStorage.getItem(key)) || {}; } catch { return {}; } },
    put(key, kept) { try { Object.keys(kept.typed).length ? sessionStorage.setItem(key, JSON.stringify(kept)) : sessionStorage.removeItem(key); } catch { /* full or refused: forms work without */ } },
  };
  const stored = document.querySelector(".note.good[role=status]");
  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith("kept:")) continue;
    if (!key.startsWith(mine) || (stored && shelf.get(key).sent)) sessionStorage.removeItem(key);
  }
  const shown = (field) => field.matches("select") ? ([...field.options].find((o) => o.defaultSelected) || field.options[0])?.value ?? "" : field.defaultValue;
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const key = `${mine}${location.pathname}#${form.dataset.keep}`;
    const kept = { typed: {}, ...shelf.get(key), sent: false };
    const fields = () => [...form.elements].filter((f) => f.name && !f.readOnly && f.matches("textarea, select, input:not([type]), input[type=text]"));
    const back = fields().filter((f) => {
      const [before, typed] = kept.typed[f.name] || [];
      if (typed === undefined || before !== shown(f) || typed === before) { delete kept.typed[f.name]; return false; }
      f.value = typed;
      for (let box = f.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
      return true;
    });
    shelf.put(key, kept);
    if (back.length) {
      const note = document.createElement("div"), drop = document.createElement("button"), text = document.createElement("p");
      note.className = "note weak";
      note.setAttribute("role", "status");
      text.textContent = `นำข้อความที่พิมพ์ค้างไว้กลับมาใส่ให้แล้ว ${back.length} ช่อง ยังไม่ได้บันทึก `;
      drop.type = "button";
      drop.className = "quiet";
      drop.textContent = "ทิ้งข้อความนั้น";
      drop.addEventListener("click", () => { for (const f of back) f.value = shown(f); sessionStorage.removeItem(key); kept.typed = {}; note.remove(); });
      text.append(drop);
      note.append(text);
      form.prepend(note);
    }
    form.addEventListener("input", ({ target }) => {
      if (!fields().includes(target)) return;
      kept.typed[target.name] = [shown(target), target.value];
      shelf.put(key, kept);
    });
    form.addEventListener("submit", () => { kept.sent = true; shelf.put(key, kept); });
  }
  document.querySelector("form[action*=logout]")?.addEventListener("submit", () => { for (const key of Object.keys(sessionStorage)) if (key.startsWith("kept:")) sessionStorage.removeItem(key); });
})();
