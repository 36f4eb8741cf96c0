// Counts, while a page of an item is written, the required elements (.element) that have neither a text nor a file or
// table, and says it in #missing. What counts is what the server finds when the page is saved.
(() => {
  const status = document.getElementById("missing");
  const elements = [...document.querySelectorAll(".element")];

  function isMissing(element) {
    const hasText = element.querySelector("textarea").value.trim() !== "";
    const hasFile = element.querySelector("[type=file]").files.length > 0;
    const isHeld = element.querySelector("[name^=held-]")?.checked ?? false;
    return !(hasText || hasFile || isHeld || "hasParts" in element.dataset);
  }

  function count() {
    let missing = 0;
    for (const element of elements) {
      const isOpen = isMissing(element);
      element.querySelector("label .tag").hidden = !isOpen;
      missing += isOpen;
    }
    const tag = document.createElement("span");
    tag.className = missing ? "tag weak" : "tag good";
    tag.textContent = missing ? `ยังขาด ${missing} จาก ${elements.length} องค์ประกอบ` : "ครบทุกองค์ประกอบ";
    if (status.textContent.trim() !== tag.textContent) status.replaceChildren(tag);
  }

  for (const kind of ["input", "change"]) document.addEventListener(kind, count);
  window.addEventListener("load", count); // also of a draft that was brought back
})();
