// The form on a device that others may use. Answers are sent and other languages fetched within the page, so that
// nothing that was chosen is in the history of the tab; what is left behind is emptied; and a draft is stored only when
// the person asks for it. A card's code is taken from the part of the address that browsers do not send.
(() => {
  const MINUTE = 60_000;
  const PREFIX = "form:";
  let form = null;
  let emptyAt = Number.POSITIVE_INFINITY;

  // --- what is stored on the device

  const storage = {
    read(name) {
      try {
        return JSON.parse(sessionStorage.getItem(name)) || {};
      } catch {
        return {};
      }
    },
    write(name, draft) {
      try {
        sessionStorage.setItem(name, JSON.stringify(draft));
      } catch {
        /* a private window may refuse; the form works without */
      }
    },
    remove(name) {
      try {
        sessionStorage.removeItem(name);
      } catch {
        /* as above */
      }
    },
    /** Remove drafts whose time is over, also those of other forms and of a former version; or all of them. */
    sweep(everything = false) {
      try {
        for (const name of Object.keys(sessionStorage))
          if (name.startsWith(PREFIX) && (everything || !(this.read(name).until > Date.now())))
            sessionStorage.removeItem(name);
      } catch {
        /* as above */
      }
    },
  };

  // --- the right to answer: a token that was kept here, or comes in a link that was saved

  const tokenName = (slug) => `token:${slug}`;

  function readToken(slug) {
    try {
      return sessionStorage.getItem(tokenName(slug)) || localStorage.getItem(tokenName(slug));
    } catch {
      return null;
    }
  }

  function removeToken(slug, everywhere) {
    try {
      sessionStorage.removeItem(tokenName(slug));
      if (everywhere) localStorage.removeItem(tokenName(slug));
    } catch {
      /* as above */
    }
  }

  function takeToken() {
    const field = form.elements.token;
    if (!field) return;
    const linked = location.hash.match(/^#t\.([\w=-]+)$/)?.[1];
    if (linked) {
      history.replaceState(null, "", location.pathname + location.search);
      try {
        sessionStorage.setItem(tokenName(form.dataset.form), linked); // changing the language comes back here
      } catch {
        /* as above */
      }
    }
    field.value = linked || readToken(form.dataset.form) || "";
    document.querySelector("[data-with-right]").hidden = !field.value;
    document.querySelector("[data-without-right]").hidden = Boolean(field.value);
  }

  const draftName = () => PREFIX + form.dataset.form;
  const keep = () => form.querySelector("[data-keep]");
  const chosen = () => {
    const radios = [...form.querySelectorAll(":checked[type=radio]")];
    return Object.fromEntries(radios.map((radio) => [radio.name, radio.value]));
  };

  function choose(choices) {
    for (const [name, value] of Object.entries(choices)) {
      const group = form.elements[name];
      if (group instanceof RadioNodeList) group.value = value;
    }
  }

  function touched() {
    emptyAt = Date.now() + form.dataset.minutes * MINUTE;
    work();
    const answered = Object.keys(chosen()).length;
    form.querySelector("#answered").value = answered;
    form.querySelector("[data-answered]").textContent = answered;
    form.querySelector("[data-emptied]").hidden = true;
    if (keep().checked)
      storage.write(draftName(), { until: emptyAt, choices: chosen(), receipt: form.elements.receipt.value });
    else storage.remove(draftName());
  }

  /** Empty the form and the device, of choices that a refused form came with too. */
  function empty() {
    storage.sweep(true);
    emptyAt = Number.POSITIVE_INFINITY;
    if (!form) return;
    for (const input of form.querySelectorAll("[type=radio], [type=checkbox]")) input.checked = false;
    if (form.elements.code) form.elements.code.value = "";
    form.querySelector("#answered").value = 0;
    form.querySelector("[data-answered]").textContent = 0;
  }

  function emptyWhenLeftAlone() {
    if (Date.now() < emptyAt) return;
    empty();
    form.querySelector("[data-emptied]").hidden = false;
  }

  // --- pages within the page

  async function fetchPage(address, options) {
    const answer = await fetch(address, { cache: "no-store", ...options });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("main[data-survey]")) throw new Error("not a page of the survey");
    return page;
  }

  function show(page) {
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
    start();
    scrollTo(0, 0);
    (document.querySelector("main > .problem") || document.querySelector("h1"))?.focus();
  }

  // --- sealing: the server never sees what is sealed here, so what is missing is found here as well

  const sealer = new Promise((resolve) => {
    const script = document.querySelector("script[data-seal]");
    if (!script) resolve(undefined);
    script?.addEventListener("load", () => resolve(globalThis.sealAnswers));
    script?.addEventListener("error", () => resolve(undefined));
  });

  async function sayWhereSealed() {
    if (!(await sealer) || !form?.dataset.key) return;
    document.querySelector("[data-on-arrival]").hidden = true;
    document.querySelector("[data-on-device]").hidden = false;
  }

  const questions = () => [...form.querySelectorAll("fieldset[id^=q-]")];
  const choiceOf = (question) => question.querySelector(":checked")?.value;

  function findMissing() {
    for (const note of form.querySelectorAll("fieldset > .error")) note.remove();
    for (const question of questions()) question.classList.remove("missing");
    return questions().filter((question) => choiceOf(question) === undefined);
  }

  function showMissing(missing) {
    const summary = document.querySelector("[data-missing]");
    summary.querySelector("[data-number]").textContent = missing.length;
    summary.querySelector("ul").replaceChildren(
      ...missing.map((question) => {
        const link = document.createElement("a");
        const item = document.createElement("li");
        link.href = `#${question.id}`;
        link.textContent = `${form.dataset.question} ${question.dataset.number}`;
        item.append(link);
        return item;
      }),
    );
    for (const question of missing) {
      const note = document.createElement("p");
      note.className = "error";
      note.id = question.id.replace("q-", "m-");
      note.textContent = form.dataset.unanswered;
      question.querySelector("legend").after(note);
      question.classList.add("missing");
      question.setAttribute("aria-describedby", note.id);
    }
    summary.hidden = false;
    summary.focus();
  }

  /** What is posted: everything but the choices, which are sealed. */
  async function sealForm(seal) {
    const names = new Set(questions().map((question) => question.querySelector("input").name));
    const body = new URLSearchParams([...new FormData(form)].filter(([name]) => !names.has(name)));
    const choices = questions().map((question) => Number(choiceOf(question)));
    body.set("key", form.dataset.key);
    body.set("sealed", await seal(choices, form.dataset.publicKey, form.dataset.form));
    return body;
  }

  // --- work: an open link asks the device to compute something for each answer

  let working = null; // for which answer, and what comes of it

  /** Have the work of this answer done beside the page; what comes of it, or nothing where the browser has no way. */
  function work() {
    const field = form.elements.work;
    if (!field) return Promise.resolve("");
    const { challenge, bits, script } = field.dataset;
    const receipt = form.elements.receipt.value;
    const name = `${challenge}:${receipt}`;
    if (working?.name === name) return working.result;
    working?.stop();
    let stop = () => {};
    const result = new Promise((resolve) => {
      try {
        const worker = new Worker(script);
        stop = () => worker.terminate();
        const end = (answer) => {
          stop();
          if (!answer) working = null; // to be tried again
          resolve(answer);
        };
        worker.onmessage = (event) => end(event.data);
        worker.onerror = () => end("");
        worker.postMessage({ challenge, receipt, bits: Number(bits) });
      } catch {
        resolve("");
      }
    });
    working = { name, result, stop };
    return result;
  }

  async function finishWork() {
    const field = form.elements.work;
    if (!field) return;
    const note = form.querySelector("[data-working]");
    note.hidden = false;
    field.value = await work();
    note.hidden = true;
  }

  async function send(event) {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    const problem = form.querySelector("[data-not-sent]");
    document.querySelector("[data-missing]").hidden = button.disabled = problem.hidden = true;
    try {
      const seal = form.dataset.key && (await sealer);
      const missing = seal ? findMissing() : [];
      if (missing.length) {
        button.disabled = false;
        showMissing(missing);
        return;
      }
      await finishWork();
      const before = { choices: chosen(), isWanted: keep().checked };
      const body = seal ? await sealForm(seal) : new URLSearchParams(new FormData(form));
      show(await fetchPage(location.pathname + location.search, { method: "POST", body }));
      if (!form) return;
      choose(before.choices);
      keep().checked = before.isWanted;
      touched();
    } catch {
      problem.hidden = button.disabled = false;
    }
  }

  async function changeLanguage(event) {
    event.preventDefault();
    const link = event.currentTarget;
    const before = { choices: chosen(), code: form.elements.code?.value, receipt: form.elements.receipt.value };
    const isWanted = keep().checked;
    try {
      show(await fetchPage(link.href));
    } catch {
      location.replace(link.href + (before.code ? `#${before.code}` : ""));
      return;
    }
    history.replaceState(null, "", link.href);
    if (!form) return; // closed meanwhile
    choose(before.choices);
    if (form.elements.code) form.elements.code.value = before.code;
    form.elements.receipt.value = before.receipt;
    keep().checked = isWanted;
    touched();
  }

  function startEmpty(event) {
    event.preventDefault();
    const address = event.currentTarget.href;
    empty();
    if (form) removeToken(form.dataset.form, false); // of who had this window before; what an owner kept stays
    form = null; // nothing to ask about before leaving
    location.replace(address);
  }

  // --- each page

  /** The code of a card stands after "#", where no server reads it; it is taken out of the address at once. */
  function takeCodeFromAddress() {
    const code = decodeURIComponent(location.hash.slice(1));
    if (!form?.elements.code || !code || code.startsWith("q-")) return;
    form.elements.code.value = code;
    history.replaceState(null, "", location.pathname + location.search);
  }

  function start() {
    form = document.querySelector("form[data-form]");
    const sent = document.querySelector("[data-sent]");
    storage.sweep(Boolean(sent));
    if (sent) removeToken(sent.dataset.sent, true);
    document.querySelector("[data-empty]")?.addEventListener("click", startEmpty);
    emptyAt = Number.POSITIVE_INFINITY;
    if (!form) return;
    for (const part of form.querySelectorAll("[data-with-script]")) part.hidden = false;
    const draft = storage.read(draftName());
    if (draft.until) {
      choose(draft.choices);
      form.elements.receipt.value = draft.receipt;
      keep().checked = true;
    }
    takeCodeFromAddress();
    takeToken();
    if (Object.keys(chosen()).length) touched();
    sayWhereSealed();
    form.addEventListener("change", touched);
    form.addEventListener("submit", send);
    document.querySelector(".lang a").addEventListener("click", changeLanguage);
  }

  setInterval(emptyWhenLeftAlone, 5_000);
  addEventListener("hashchange", () => {
    takeCodeFromAddress(); // of a card scanned where its form is open already
    if (form) takeToken();
  });
  document.addEventListener("visibilitychange", emptyWhenLeftAlone); // timers sleep in a tab that is not seen
  // A tab that is left is empty before the browser puts it aside; one that is taken up again asks the server anew.
  addEventListener("pagehide", () => {
    const isWanted = form && keep().checked;
    const draft = isWanted ? storage.read(draftName()) : null;
    empty();
    if (draft) storage.write(draftName(), draft);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  addEventListener("beforeunload", (event) => {
    if (form && !keep().checked && Object.keys(chosen()).length) event.preventDefault();
  });
  start();
  document.querySelector("main > .problem")?.focus();
})();
