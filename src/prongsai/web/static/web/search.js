// The arrow keys go from the field of a search (form.search) to what it found and back; Escape returns to the field.
(() => {
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form.search");
    if (!form || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const stops = [form.elements.q, ...form.querySelectorAll(".results a")];
    const at = stops.indexOf(event.target);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Escape: 0 }[event.key];
    if (at < 0 || next === undefined || !stops[next] || next === at) return;
    event.preventDefault();
    stops[next].focus();
  });
})();
