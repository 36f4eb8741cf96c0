// Opens a page anew when all work that it waited for is done, so that what comes next stands there without a click. Not
// while somebody has scrolled to something else, or has typed, ticked or chosen something: then its link does that.
(() => {
  const isChanged = {
    checkbox: (field) => field.checked !== field.defaultChecked,
    radio: (field) => field.checked !== field.defaultChecked,
    file: (field) => field.files.length > 0,
    "select-one": (field) =>
      [...field.options].some((o) => o.defaultSelected) && !field.selectedOptions[0]?.defaultSelected,
    "select-multiple": (field) => [...field.options].some((o) => o.selected !== o.defaultSelected),
  };

  function isUntouched() {
    const fields = [...document.querySelectorAll("main :is(input:not([type=hidden]), textarea, select)")];
    const changed = (field) => (isChanged[field.type] || ((f) => f.value !== f.defaultValue))(field);
    return !fields.includes(document.activeElement) && !fields.some(changed);
  }

  function isInSight(element) {
    const { top, bottom } = element.getBoundingClientRect();
    return window.scrollY === 0 || (bottom > 0 && top < window.innerHeight);
  }

  document.addEventListener("htmx:afterSettle", () => {
    const finished = [...document.querySelectorAll("[data-finished]")];
    const isWorking = document.querySelector("[data-working]");
    if (finished.some(isInSight) && !isWorking && isUntouched()) {
      window.location.replace(window.location.pathname + window.location.search);
    }
  });
})();
