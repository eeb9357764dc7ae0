// Optional: without it words are typed, and found when the form is sent. With it they are selected:
// the server is told the words and what stands around them, and says their place.
const AROUND = 5000;

// Words of a box, and what stands around them, between two offsets in code points.
const cut = (box, start, end) => {
  const text = [...box.textContent];
  const part = (from, to) => text.slice(Math.max(from, 0), to).join("");
  return { exact: part(start, end), before: part(start - AROUND, start), after: part(end, end + AROUND) };
};

const selected = (box) => {
  const range = getSelection().getRangeAt(0), before = document.createRange();
  before.setStart(box, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = [...`${before}`].length;
  return cut(box, start, start + [...`${range}`].length);
};

const fill = (form, { start = "", ...words }) => {
  for (const [name, value] of Object.entries({ ...words, start })) {
    for (const field of form.querySelectorAll(`[name$="${name}"]`)) {
      if (field.type === "radio") field.checked = field.value === `${value}`;
      else field.value = value;
    }
  }
};

// A caret makes words selectable by keyboard; nothing can be written.
const ready = (root) => {
  for (const box of root.querySelectorAll("[data-pick]")) {
    Object.assign(box, { contentEditable: "true", inputMode: "none", spellcheck: false });
    Object.assign(box, { role: "textbox", ariaReadOnly: "true", ariaMultiLine: "true" });
    box.ariaLabel = box.dataset.pick;
  }
};
document.addEventListener("beforeinput", (event) => {
  if (event.target.closest("[data-pick]")) event.preventDefault();
});

// A claim's form: the words are looked for at once.
const locate = async (form, words) => {
  const pages = form.querySelector(".kb-picker").dataset.pages;
  const paragraph = form.querySelector('select[name$="paragraph"]').value;
  fill(form, words);
  if (!paragraph || !words.exact.trim()) return;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ exact: words.exact, prefix: words.before, suffix: words.after });
  const headers = { "X-CSRFToken": token };
  const found = await (await fetch(`${pages}${paragraph}/locate/`, { method: "POST", headers, body })).json();
  if ("start" in found) {
    fill(form, { exact: found.exact, start: found.start, before: found.prefix, after: found.suffix });
  }
  form.querySelector(".kb-said").innerHTML = found.says;
};

const choose = async (form, select) => {
  const picker = form.querySelector(".kb-picker"), claim = form.querySelector('[name$="-claim"]');
  picker.hidden = !select.value;
  if (picker.hidden) return;
  const address = `${picker.dataset.pages}${select.value}/text/?claim=${claim?.value ?? ""}`;
  picker.querySelector("[data-pick]").innerHTML = (await (await fetch(address)).json()).html;
  picker.open = true;
};

const rowOf = (element) => element.closest(".inline-related, form");
window.django?.jQuery(document).on("change", 'select[name$="paragraph"]', (event) => {
  choose(rowOf(event.target), event.target);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches('.field-exact [name$="exact"]')) {
    locate(rowOf(target), { exact: target.value, before: "", after: "" });
  }
});

// Citations in another order. Django numbers its rows by their order on the page when one is
// removed: for that moment they stand in its order.
const rows = (group) => [...group.querySelectorAll(".inline-related:not(.empty-form)")];
const position = (row) => row.querySelector('[name$="-position"]');
const sort = (group, by) => {
  const sorted = rows(group).sort((a, b) => by(a) - by(b));
  group.querySelector(".empty-form").before(...sorted);
};
const byName = (row) => Number(row.id.split("-").pop());
const movable = (row) => {
  for (const [sign, label, step] of [["↑", "Move up", -1], ["↓", "Move down", 1]]) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: sign, ariaLabel: label, className: "kb-move" });
    button.onclick = () => {
      const group = row.closest(".inline-group"), all = rows(group), at = all.indexOf(row);
      if (!all[at + step]) return;
      [all[at], all[at + step]] = [all[at + step], all[at]];
      all.forEach((other, n) => { position(other).value = n + 1; });
      sort(group, (other) => position(other).value);
      button.focus();
    };
    row.querySelector("h3").append(button);
  }
};
document.addEventListener("click", ({ target }) => {
  const group = target.closest(".inline-deletelink")?.closest(".inline-group");
  if (!group) return;
  sort(group, byName);
  setTimeout(() => sort(group, (row) => position(row).value));
}, true);
document.addEventListener("formset:added", ({ target }) => {
  movable(target);
  rows(target.closest(".inline-group")).forEach((row, n) => { position(row).value = n + 1; });
});

// The workbench: words go into the form under their paragraph.
const take = (section, words) => {
  for (const other of document.querySelectorAll(".kb-at-hand")) other.classList.remove("kb-at-hand");
  section.classList.add("kb-at-hand");
  section.querySelector(".kb-citing").open = true;
  fill(section.querySelector(".kb-cite"), words);
};

let waiting;
const soon = (act) => {
  clearTimeout(waiting);
  waiting = setTimeout(act, 300);
};
const select = () => {
  const chosen = getSelection(), box = chosen.anchorNode?.parentElement?.closest("[data-pick]");
  if (!box?.contains(chosen.focusNode) || chosen.isCollapsed) return;
  const section = box.closest(".kb-para");
  if (section) take(section, selected(box));
  else locate(rowOf(box), selected(box));
};
document.addEventListener("selectionchange", ({ target }) => {
  if (target === document) soon(select); // Fields have selections of their own.
});
document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.dataset.start) {
    fill(rowOf(target), { start: target.dataset.start });
    target.parentElement.textContent = "Found.";
  } else if (target.dataset.words) {
    event.preventDefault();
    const section = target.closest(".kb-para"), [start, end] = target.dataset.words.split("-").map(Number);
    take(section, cut(section.querySelector("[data-pick]"), start, end));
    section.querySelector(".kb-cite select").focus();
  }
});

const find = async (field) => {
  const answer = await fetch(`${field.form.dataset.find}?q=${encodeURIComponent(field.value)}`);
  field.form.querySelector(".kb-found").innerHTML = (await answer.json()).html;
};
for (const type of ["input", "focusin"]) {
  document.addEventListener(type, ({ target }) => {
    if (target.matches(".kb-cite [name=q]")) soon(() => find(target));
  });
}

// What is done to a paragraph is done without leaving the text. What can't be done is answered by
// a page of its own: the form is then sent as it would be without this.
document.addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches(".kb-para form") || ["new", "find"].includes(button?.name)) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(form.closest(".kb-para").id);
  if (fresh) {
    form.closest(".kb-para").replaceWith(fresh);
    ready(fresh);
    fresh.querySelector("[data-pick]").focus({ preventScroll: true });
    for (const id of ["kb-progress", "kb-said"]) {
      document.getElementById(id).innerHTML = page.getElementById(id).innerHTML;
    }
  } else {
    if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    form.submit();
  }
});

document.addEventListener("DOMContentLoaded", () => {
  ready(document);
  document.querySelectorAll("#citations-group .inline-related:not(.empty-form)").forEach(movable);
});
