// On a phone the answer comes first: parts below it (.folding) are closed until someone opens them. What an address
// leads to stays open. Without scripts, and on wider screens, all are open.
(() => {
  if (!matchMedia("(max-width: 40rem)").matches) return;
  for (const part of document.querySelectorAll(".folding")) {
    if (!part.querySelector(":target") && !part.matches(":target")) part.open = false;
  }
})();
