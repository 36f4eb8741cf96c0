// Below each chart a file of it, and below each table of a chart's numbers (data-file) one for spreadsheets: made on
// the reader's device from what the page shows, so that exported pages have them too.
(() => {
  const INK = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "paint-order"];
  const LETTERS = ["font-family", "font-size", "font-weight", "text-anchor"];
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 720;
  const EDGE = 16;
  const isThai = document.documentElement.lang === "th";
  const page = location.pathname
    .split("/")
    .filter((part) => /^[\w-]+$/.test(part) && part.length > 2)
    .slice(-3);

  document.querySelectorAll("main svg:is(.chart, .province-map:not([viewBox='0 0 16 16']))").forEach((chart, k) => {
    const words = isThai ? "บันทึกภาพ (SVG)" : "Save the picture (SVG)";
    const title = chart.querySelector(":scope > title")?.textContent ?? "";
    offer(chart, words, title, () => save(draw(chart), "image/svg+xml", `${[...page, "chart", k + 1].join("-")}.svg`));
  });
  for (const region of document.querySelectorAll("main [data-file]")) {
    const words = isThai ? "บันทึกตาราง (CSV)" : "Save the table (CSV)";
    const name = `${[...page, region.dataset.file].join("-")}.csv`;
    offer(region, words, region.getAttribute("aria-label"), () => save(list(region), "text/csv", name));
  }

  function offer(shown, words, title, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "file small";
    button.textContent = words;
    if (title) button.setAttribute("aria-label", `${words}: ${title}`);
    button.addEventListener("click", action);
    shown.after(button);
  }

  function save(text, type, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  // With the colours and letters that it has here, which no style sheet brings elsewhere, and wide enough to be shown.
  function draw(chart) {
    const copy = chart.cloneNode(true);
    const originals = [chart, ...chart.querySelectorAll("*")];
    [copy, ...copy.querySelectorAll("*")].forEach((part, k) => {
      const style = getComputedStyle(originals[k]);
      for (const name of part.localName === "text" ? [...INK, ...LETTERS] : INK) {
        part.setAttribute(name, style.getPropertyValue(name));
      }
      part.removeAttribute("href");
    });
    const frame = document.createElementNS(SVG, "svg");
    const box = chart.viewBox.baseVal;
    const height = Math.round(box?.width ? (WIDTH * box.height) / box.width : chart.height.baseVal.value);
    const place = { x: EDGE, y: EDGE, width: WIDTH, height };
    for (const [name, value] of Object.entries(place)) copy.setAttribute(name, value);
    frame.setAttribute("width", WIDTH + 2 * EDGE);
    frame.setAttribute("height", height + 2 * EDGE);
    frame.style.background = getComputedStyle(chart.closest(".card") ?? document.body).backgroundColor;
    frame.append(copy);
    return new XMLSerializer().serializeToString(frame);
  }

  // As spreadsheets read it: a mark that this is UTF-8, and no cell that would be taken for a formula.
  function list(region) {
    const rows = [...region.querySelectorAll("tr")].map((row) => [...row.cells].map(cell).join(","));
    return `\ufeff${rows.join("\r\n")}\r\n`;
  }

  function cell(part) {
    const copy = part.cloneNode(true);
    for (const action of copy.querySelectorAll(".no-print")) action.remove();
    const text = copy.textContent.replace(/\s+/g, " ").trim();
    const isNumber = /^[+-]?[\d.,]+$/.test(text);
    const safe = /^[=+\-@＝＋－＠]/.test(text) && !isNumber ? `'${text}` : text;
    return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }
})();
