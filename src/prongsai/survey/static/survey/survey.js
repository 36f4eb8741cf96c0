// Stores choices on this device until the form is sent, and takes a card's code from the part of the address that
// browsers do not send.
(() => {
  const sent = document.querySelector("[data-sent]");
  if (sent) {
    sessionStorage.removeItem("form:" + sent.dataset.sent);
    return;
  }
  const form = document.querySelector("form[data-form]");
  if (!form) return;
  const storageKey = "form:" + form.dataset.form;
  const codeInput = form.elements.code;
  const codeFromCard = decodeURIComponent(location.hash.slice(1));
  if (codeInput && codeFromCard && !codeFromCard.startsWith("q-")) {
    codeInput.value = codeFromCard;
    history.replaceState(null, "", location.pathname + location.search);
  }
  const languageLink = document.querySelector(".lang a");
  if (codeInput && languageLink)
    languageLink.addEventListener("click", () => {
      if (codeInput.value) languageLink.hash = codeInput.value;
    });
  let choices = {};
  try {
    choices = JSON.parse(sessionStorage.getItem(storageKey) || "{}");
  } catch {
    choices = {};
  }
  for (const [question, value] of Object.entries(choices)) {
    const group = form.elements[question];
    if (group && !(group instanceof Element) && !group.value) group.value = value;
  }
  form.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    choices[event.target.name] = event.target.value;
    try {
      sessionStorage.setItem(storageKey, JSON.stringify(choices));
    } catch {
      /* a private window may refuse; the form works without */
    }
  });
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button"))
      setTimeout(() => {
        button.disabled = true;
      });
  });
  document.querySelector(".problem")?.focus();
})();
