// The reader's province, found by the browser itself: the position stays in this script. Without scripts, or where a
// page may not ask for the position, there is no button.
(() => {
  // how the drawing of the provinces lies on the earth, by Mercator's projection: units for a degree, and its corner
  const ACROSS = 67.4;
  const DOWN = 66.96;
  const WEST = 97.343;
  const NORTH = 20.478;
  const FAR = 20; // units from every province, about 33 km
  const VAGUE = 30_000; // metres
  const ASKED = { timeout: 20_000, maximumAge: 600_000 };

  const stretch = (latitude) => (Math.asinh(Math.tan((latitude * Math.PI) / 180)) * 180) / Math.PI;

  function readRings(path) {
    const rings = path.split("Z").filter(Boolean);
    return rings.map((ring) =>
      ring
        .slice(1)
        .split(" ")
        .map((point) => point.split(",").map(Number)),
    );
  }

  // how far from a province in units, 0 inside
  function measure(x, y, path) {
    let isInside = false;
    let least = Infinity;
    for (const ring of readRings(path)) {
      ring.forEach(([toX, toY], number) => {
        const [fromX, fromY] = ring.at(number - 1);
        const across = toX - fromX;
        const down = toY - fromY;
        if (fromY > y !== toY > y && x < fromX + (across * (y - fromY)) / down) isInside = !isInside;
        const along = ((x - fromX) * across + (y - fromY) * down) / (across ** 2 + down ** 2 || 1);
        const share = Math.min(Math.max(along, 0), 1);
        least = Math.min(least, Math.hypot(x - fromX - share * across, y - fromY - share * down));
      });
    }
    return isInside ? 0 : least;
  }

  // the province of a position or the nearest; "" far from all
  function findProvince(shapes, latitude, longitude) {
    const x = ACROSS * (longitude - WEST);
    const y = DOWN * (stretch(NORTH) - stretch(latitude));
    const measured = Object.entries(shapes).map(([province, path]) => [measure(x, y, path), province]);
    const [distance, province] = measured.reduce((best, one) => (one[0] < best[0] ? one : best));
    return distance < FAR ? province : "";
  }
  self.findProvince = findProvince;

  const near = document.querySelector("template.near-me");
  if (!near || !navigator.geolocation || !isSecureContext) return;
  const part = document.importNode(near.content, true);
  const button = part.querySelector("button");
  const answer = part.querySelector("[role=status]");
  const shapes = part.querySelector("template");
  near.after(part);

  function loadShapes() {
    if (self.prongsaiShapes) return Promise.resolve();
    const script = document.importNode(shapes.content, true).querySelector("script");
    return new Promise((done, fail) => {
      script.onload = done;
      script.onerror = fail;
      document.head.append(script);
    });
  }

  function show(province) {
    const place = province && document.querySelector(`[data-province="${province}"]`);
    if (!place) {
      answer.textContent = answer.dataset.unknown;
      return;
    }
    const name = place.querySelector("title").textContent;
    const address = place.getAttribute("href");
    answer.textContent = `${address ? answer.dataset.found : answer.dataset.empty} `;
    const shown = document.createElement(address ? "a" : "span");
    shown.textContent = name;
    if (address) shown.href = address;
    answer.append(shown);
  }

  button.addEventListener("click", async () => {
    answer.textContent = answer.dataset.asking;
    try {
      const { coords } = await new Promise((done, fail) => navigator.geolocation.getCurrentPosition(done, fail, ASKED));
      await loadShapes();
      show(coords.accuracy < VAGUE && findProvince(self.prongsaiShapes, coords.latitude, coords.longitude));
    } catch (error) {
      answer.textContent = error.code === 1 ? answer.dataset.refused : answer.dataset.unknown;
    }
  });
})();
