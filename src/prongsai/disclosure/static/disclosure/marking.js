// Keyboard shortcuts for an assessor who marks hundreds of items an hour; they can be turned off. Without this script
// everything works by mouse, touch and Tab.
const form = document.getElementById("mark");
const toggle = document.getElementById("keys");
toggle.checked = localStorage.getItem("marking-keys") !== "off";
toggle.addEventListener("change", () => localStorage.setItem("marking-keys", toggle.checked ? "on" : "off"));
const LINK_KEYS = { j: "next", k: "prev", o: "open", s: "stored", d: "comparison" };
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("textarea, input:not([type=checkbox]):not([type=radio]), select");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (isTyping) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (!toggle.checked || event.altKey || event.ctrlKey || event.metaKey) return;
  if (/^[1-9]$/.test(event.key)) form.querySelector(`[data-key="${event.key}"]`)?.click();
  else if (event.key in LINK_KEYS) document.getElementById(LINK_KEYS[event.key])?.click();
  else if (event.key === "c") {
    event.preventDefault();
    document.getElementById("comment").focus();
  } else if (event.key === "Enter" && !event.target.matches("a, button, summary")) {
    event.preventDefault();
    form.requestSubmit();
  }
});
