// Keeps what is chosen on this device until it is sent, and takes a card's code from the part of the address that is never sent.
(() => {
  const done = document.querySelector("[data-done]");
  if (done) {
    sessionStorage.removeItem("form:" + done.dataset.done);
    return;
  }
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const name = "form:" + form.dataset.keep,
    code = form.elements.code;
  const fromCard = decodeURIComponent(location.hash.slice(1));
  if (code && fromCard && !fromCard.startsWith("q-")) {
    code.value = fromCard;
    history.replaceState(null, "", location.pathname + location.search);
  }
  const language = document.querySelector(".lang a");
  if (code && language)
    language.addEventListener("click", () => {
      if (code.value) language.hash = code.value;
    });
  let kept = {};
  try {
    kept = JSON.parse(sessionStorage.getItem(name) || "{}");
  } catch {
    kept = {};
  }
  for (const [question, value] of Object.entries(kept)) {
    const group = form.elements[question];
    if (group && !(group instanceof Element) && !group.value) group.value = value;
  }
  form.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    kept[event.target.name] = event.target.value;
    try {
      sessionStorage.setItem(name, JSON.stringify(kept));
    } catch {
      /* a private window may refuse; the form works without */
    }
  });
  form.addEventListener("submit", () => {
    for (const b of form.querySelectorAll("button"))
      setTimeout(() => {
        b.disabled = true;
      });
  });
  document.querySelector(".problem")?.focus();
})();
