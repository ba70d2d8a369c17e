// Comfort only: every page works without this file. No markup is built here and nothing is evaluated.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- the answer to a form is gone back to, and loaded anew, by its address: without sending the form again ---------
history.replaceState(history.state, "");

// --- short messages, none of them twice -------------------------------------------------------------------------
const toasts = (text) => $$("#toasts .toast").filter((one) => $("p", one).textContent === text);
function toast(text) {
  const list = $("#toasts");
  const template = $("#toast-template");
  if (!list || !template || toasts(text).length) return;
  const item = template.content.firstElementChild.cloneNode(true);
  $("p", item).textContent = text;
  list.append(item);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast, .note")?.remove();
});

// --- a time that is filled in is meant: what it belongs to is chosen ---------------------------------------------
function choose({ target }) {
  const [name, value] = target.dataset?.chooses?.split("=") ?? [];
  if (name && (target.value || target.validity.badInput)) target.form.elements[name].value = value;
}
document.addEventListener("input", choose);
document.addEventListener("change", choose);

// --- keyboard: "/" goes to the search ---------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = $("#global-search");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      $("summary", menu).focus();
    }
  }
});

// --- menus close when one clicks elsewhere; the switcher starts in its search field -----------------------------
document.addEventListener("click", (event) => {
  for (const menu of $$("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details[data-menu][open]")) $("input[type=search]", event.target)?.focus();
  },
  true,
);

// --- addresses carry only the filters in force ------------------------------------------------------------------
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form.filters, form.search")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

// --- choosing rows ----------------------------------------------------------------------------------------------
let lastPicked = null;

function showCount(form) {
  const boxes = $$("[data-pick]", form);
  const chosen = boxes.filter((box) => box.checked).length;
  const everything = $("[data-pick-everything]", form)?.checked;
  const all = $("[data-pick-all]", form);
  if (all) {
    all.checked = boxes.length > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const output = $("[data-pick-count]", form);
  if (output) output.value = everything ? "All matching rows" : `${chosen.toLocaleString("en")} selected`;
  const idle = chosen === 0 && !everything;
  for (const button of $$("[data-bulk]", form)) button.setAttribute("aria-disabled", String(idle));
}

function pick(event) {
  const form = event.target.closest("[data-picks]");
  if (!form) return;
  if (event.target.matches("[data-pick-all]")) {
    for (const box of $$("[data-pick]", form)) box.checked = event.target.checked;
  } else if (event.target.matches("[data-pick]")) {
    const boxes = $$("[data-pick]", form);
    if (event.shiftKey && lastPicked && boxes.includes(lastPicked)) {
      const [from, to] = [boxes.indexOf(lastPicked), boxes.indexOf(event.target)].sort((a, b) => a - b);
      for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
    }
    lastPicked = event.target;
  } else if (!event.target.matches("[data-pick-everything]")) {
    return;
  }
  showCount(form);
}
document.addEventListener("click", pick);

function prepare(root) {
  for (const form of $$("[data-picks]", root)) showCount(form);
}

// --- a form is sent once ----------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.hasAttribute("data-many")) return; // answers with a download: the page stays
  form.dataset.sent = "yes";
  for (const button of $$("button:not([type=button]), input[type=submit]", form)) {
    button.setAttribute("aria-disabled", "true");
  }
});
function release(root) {
  for (const form of $$("form[data-sent]", root)) {
    delete form.dataset.sent;
    for (const button of $$("[aria-disabled=true]", form)) button.removeAttribute("aria-disabled");
  }
  prepare(root);
}
window.addEventListener("pageshow", (event) => event.persisted && release(document));

// --- dialogs ----------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
});

// --- copying a piece of the page; without a clipboard there is no button --------------------------------------------
if (navigator.clipboard) for (const button of $$("[data-copy]")) button.hidden = false;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText($(button.dataset.copy).textContent);
  button.textContent = "Copied";
});

// --- narrow a long list of fields while typing --------------------------------------------------------------------
document.addEventListener("input", (event) => {
  const list = event.target.dataset?.narrow && $(event.target.dataset.narrow);
  if (!list) return;
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const group of $$("[data-narrow-group]", list)) {
    const title = $("legend", group)?.textContent.toLowerCase() ?? "";
    let here = 0;
    for (const row of $$("[data-narrow-row]", group)) {
      const text = `${title} ${row.textContent.toLowerCase()} ${$("[name]", row)?.name.toLowerCase() ?? ""}`;
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) here += 1;
    }
    group.hidden = here === 0;
    shown += here;
  }
  const none = $("[data-narrow-none]");
  if (none) none.hidden = shown > 0;
});

// --- what the server could not do in the background -------------------------------------------------------------
const SAID = {
  0: "The portal cannot be reached. Nothing was changed on this page; check your network and try again.",
  401: "You are signed out. Sign in again, then repeat what you did.",
  403: "You may not do that. Nothing was changed.",
  404: "That no longer exists, or it is not yours to see. Reload the page.",
  409: "Somebody else changed this meanwhile. Reload the page to see the present state.",
  429: "Too many requests in a short time. Wait a moment, then try again.",
  503: "The portal is busy or being updated. Try again in a minute.",
};

// The session ended while something was typed: the page stays. Sending the form then leads through sign-in and keeps it.
let toldSignedOut = false;
const touched = (form) =>
  [...form.elements].some((one) =>
    one.type === "checkbox" || one.type === "radio"
      ? one.checked !== one.defaultChecked
      : one.defaultValue !== undefined && one.type !== "hidden" && one.value !== one.defaultValue,
  );
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401 || !$$("form[method=post]").some(touched)) return;
  event.preventDefault();
  if (!toldSignedOut) toast("You are signed out. Send the form as usual: you will be asked to sign in, and what you typed is kept.");
  toldSignedOut = true;
});

// Parts that ask again and again complain once, until they are answered; what is done by hand is always told.
const complaints = new Map();
function complain({ target }, text) {
  const polls = target.matches?.("[hx-trigger^=every]");
  if (polls && complaints.get(target.id) === text) return;
  if (polls) complaints.set(target.id, text);
  toast(text);
}
document.addEventListener("htmx:beforeOnLoad", ({ target, detail }) => {
  for (const gone of toasts(SAID[0])) gone.remove();
  if (detail.xhr.status < 400) complaints.delete(target.id);
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 401) {
    const signIn = $("meta[name=sign-in]")?.content;
    if (signIn) {
      window.location.assign(`${signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
  }
  complain(event, SAID[status] ?? `The portal answered with an error (${status}). Reload the page to see what is true now.`);
});
document.addEventListener("htmx:sendError", (event) => complain(event, SAID[0]));
document.addEventListener("htmx:timeout", (event) => complain(event, "The portal did not answer in time. Reload the page to see what is true now."));
document.addEventListener("htmx:beforeSwap", (event) => {
  // A redirect to the sign-in page was followed silently: show that page itself, not a piece of it.
  const signIn = $("meta[name=sign-in]")?.content;
  const landed = event.detail.xhr.responseURL;
  if (signIn && landed && new URL(landed).pathname === signIn) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target.closest("form") ?? event.target));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-sent]");
  if (form) release(form.parentElement);
});

// --- rows that refresh by themselves: not under the keyboard or a selection, and they stay where they were scrolled to --
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  if (!part.matches?.("[hx-trigger^=every]")) return;
  const selected = getSelection();
  const busy = $(":focus-visible", part) || (!selected.isCollapsed && part.contains(selected.anchorNode));
  if (busy && part.classList.contains("results")) event.preventDefault();
});
let scrolled = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  scrolled = $$(".table-wrap", event.detail.target).map((one) => one.scrollLeft);
});
document.addEventListener("htmx:afterSwap", (event) => {
  const fresh = document.getElementById(event.detail.target.id);
  if (fresh) $$(".table-wrap", fresh).forEach((one, place) => (one.scrollLeft = scrolled[place] ?? 0));
});

prepare(document);
