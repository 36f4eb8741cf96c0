// Says at once, below a field whose words go onto paper (form[data-printed]), which of the typed pictures a paper
// cannot print, and what becomes of them (the value). What other letters papers leave out the page says after saving.
(() => {
  const FIELDS = "textarea, input:not([type]), input[type=text]";
  const PICTURES = /(?![©®™▶◀])\p{Extended_Pictographic}/gu;

  document.addEventListener("input", ({ target }) => {
    if (target.matches(FIELDS) && target.form?.matches("[data-printed]")) show(target);
  });

  function show(field) {
    const pictures = [...new Set(field.value.match(PICTURES))];
    let note = field.nextElementSibling?.matches(".unprintable") ? field.nextElementSibling : null;
    if (!note && pictures.length === 0) return;
    if (!note) {
      note = document.createElement("p");
      note.className = "unprintable small";
      note.setAttribute("role", "status");
      field.after(note);
    }
    const text = `เอกสารพิมพ์ ${pictures.join(" ")} ไม่ได้ ${field.form.dataset.printed}`;
    note.textContent = pictures.length === 0 ? "" : text;
  }
})();
