// Optional: without it words are typed, and found when the form is sent. With it they are selected,
// and what is done to a paragraph of the workbench is done without leaving the text.
const AROUND = 5000; // code points before and after the words, which tell their place
const FAILED = "That did not get through: the server can’t be reached, or you are signed out. "
  + "What you wrote is still here. Sign in again in another tab if need be, and send it once more.";

const fill = (form, words) => {
  for (const [name, value] of Object.entries({ start: "", before: "", after: "", ...words })) {
    for (const field of form.querySelectorAll(`[name$="${name}"]`)) {
      if (field.type === "radio") field.checked = false;
      else field.value = value;
    }
  }
};
// The words that are selected of a box, which shows a paragraph or, in the ledger, a part of one.
const selected = (box) => {
  const range = getSelection().getRangeAt(0).cloneRange(), ahead = new Range();
  if (!box.contains(range.endContainer)) range.setEnd(box, box.childNodes.length);
  if (!box.contains(range.startContainer)) range.setStart(box, 0);
  ahead.setStart(box, 0);
  ahead.setEnd(range.startContainer, range.startOffset);
  const text = [...box.textContent], start = [...`${ahead}`].length;
  const end = start + [...`${range}`].length, exact = text.slice(start, end).join("");
  if (box.dataset.from) return { exact, start: Number(box.dataset.from) + start };
  const before = text.slice(Math.max(start - AROUND, 0), start).join("");
  return { exact, before, after: text.slice(end, end + AROUND).join("") };
};
const select = () => {
  const { anchorNode, focusNode, isCollapsed } = getSelection();
  const box = anchorNode?.parentElement?.closest("[data-pick], [data-from]");
  // In the ledger a hand that goes too far, onto the buttons, means the words to their end.
  if (isCollapsed || !box?.dataset.from && !box?.contains(focusNode)) return;
  const section = box.closest(".kb-para");
  if (section) take(section, selected(box));
  else fill(box.closest(".inline-related, form"), selected(box));
};
const take = (section, words) => {
  section.querySelector(".kb-citing").open = true;
  fill(section.querySelector(".kb-cite"), words);
};

let waiting;
const soon = (act) => {
  clearTimeout(waiting);
  waiting = setTimeout(act, 300);
};
document.addEventListener("selectionchange", ({ target }) => {
  if (target === document) soon(select); // Fields have selections of their own.
});
document.addEventListener("input", ({ target }) => {
  if (target.matches('[name$="exact"]')) fill(target.closest(".inline-related, form"), {});
});

// Shows what the server answers, unless something else was asked for the same place meanwhile.
const show = async (place, address) => {
  const asked = place.asked = Symbol();
  const answer = await fetch(address).catch(() => ({}));
  const html = answer.ok && !answer.redirected ? await answer.text() : FAILED;
  if (place.asked === asked) place.innerHTML = html;
};
window.django?.jQuery(document).on("change", 'select[name$="paragraph"]', ({ target }) => {
  const row = target.closest(".inline-related, form"), picker = row.querySelector(".kb-picker");
  picker.hidden = !target.value;
  picker.open = Boolean(target.value);
  const claim = row.querySelector('[name$="-claim"]')?.value ?? "";
  const address = `${picker.dataset.pages}${target.value}/text/?claim=${claim}`;
  if (target.value) show(picker.querySelector("[data-pick]"), address);
});
const find = ({ form, value }) => {
  show(form.querySelector(".kb-found"), `${form.dataset.find}?q=${encodeURIComponent(value)}`);
};
for (const type of ["input", "focusin"]) {
  document.addEventListener(type, ({ target }) => {
    if (target.matches(".kb-cite [name=q]")) soon(() => find(target));
  });
}

// Citations are shown in the order of their numbers; Django counts on the rows to stay in place.
const move = (button) => {
  const row = button.closest(".inline-related");
  const position = (each) => each.querySelector('[name$="-position"]');
  const rows = [...row.parentElement.querySelectorAll(".inline-related:not(.empty-form)")];
  rows.sort((a, b) => position(a).value - position(b).value);
  const at = rows.indexOf(row), to = at + Number(button.dataset.move);
  if (rows[to]) rows.splice(to, 0, ...rows.splice(at, 1));
  rows.forEach((each, n) => { each.style.order = position(each).value = n + 1; });
};
document.addEventListener("click", (event) => {
  const { move: step, to } = event.target.dataset;
  if (step) move(event.target);
  if (!to) return;
  event.preventDefault();
  const words = event.target.parentElement.querySelector("[data-from]");
  const section = words.closest(".kb-para");
  take(section, { exact: words.textContent, start: words.dataset.from });
  section.querySelector(`.kb-cite [name="${to}"]`).focus();
});

// What can't be done is answered by a page of its own: the form is then sent as without this.
document.addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter, section = form.closest(".kb-para");
  if (!section || button.name === "new" || form.dataset.plain) return;
  event.preventDefault();
  if (button.name === "find" && (form.q.value || !form.reason?.value)) return find(form.q);
  const body = new URLSearchParams(new FormData(form, button));
  section.inert = true; // Nothing is sent twice, nor typed in vain.
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => ({}));
  section.inert = false;
  if (!section.isConnected) return; // Another answer was faster.
  section.querySelector(".kb-failed").textContent = answer.ok ? "" : FAILED;
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById(section.id)) {
    form.dataset.plain = "sent";
    return form.requestSubmit(button);
  }
  for (const id of [section.id, "kb-progress", "kb-said"]) {
    document.getElementById(id).replaceWith(page.getElementById(id));
  }
  caret();
  document.querySelector(`#${section.id} [data-pick]`).focus({ preventScroll: true });
});

// A caret makes words selectable by keyboard; nothing can be written.
const caret = () => {
  for (const box of document.querySelectorAll("[data-pick]")) box.contentEditable = "true";
};
document.addEventListener("beforeinput", (event) => {
  if (event.target.closest("[data-pick]")) event.preventDefault();
});
document.addEventListener("DOMContentLoaded", caret);
