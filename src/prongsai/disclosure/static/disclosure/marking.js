// Keys for an assessor who marks hundreds of items an hour; they can be turned off. Without this script everything works by mouse,
// touch and Tab.
const form = document.getElementById("mark");
const wanted = document.getElementById("keys");
wanted.checked = localStorage.getItem("marking-keys") !== "off";
wanted.addEventListener("change", () => localStorage.setItem("marking-keys", wanted.checked ? "on" : "off"));
const go = (id) => document.getElementById(id)?.click();
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("textarea, input:not([type=checkbox]):not([type=radio]), select");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (typing) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (!wanted.checked || event.altKey || event.ctrlKey || event.metaKey) return;
  if (/^[1-9]$/.test(event.key)) form.querySelector(`[data-key="${event.key}"]`)?.click();
  else if (event.key === "j") go("next");
  else if (event.key === "k") go("prev");
  else if (event.key === "o") go("open");
  else if (event.key === "c") {
    event.preventDefault();
    document.getElementById("comment").focus();
  } else if (event.key === "Enter" && !event.target.matches("a, button, summary")) {
    event.preventDefault();
    form.requestSubmit();
  }
});
