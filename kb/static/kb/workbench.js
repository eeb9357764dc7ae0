// Optional: without it words are typed, and found when the form is sent. With it they are selected:
// the server is told the words and what stands around them, and says their place.
const AROUND = 5000;

// The words of a box between two offsets in code points, and what stands around them.
const cut = (box, start, end) => {
  const text = [...box.textContent];
  const part = (from, to) => text.slice(Math.max(from, 0), to).join("");
  const before = part(start - AROUND, start), after = part(end, end + AROUND);
  return { exact: part(start, end), before, after };
};
const selected = (box) => {
  const range = getSelection().getRangeAt(0), before = new Range();
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
    box.ariaLabel = box.dataset.pick || "Text of the paragraph: select words to cite them";
  }
};
document.addEventListener("beforeinput", (event) => {
  if (event.target.closest("[data-pick]")) event.preventDefault();
});
let waiting;
const soon = (act) => {
  clearTimeout(waiting);
  waiting = setTimeout(act, 300);
};

// A claim's form: the words are looked for at once.
const rowOf = (element) => element.closest(".inline-related, form");
const paragraphOf = (row) => row.querySelector('select[name$="paragraph"]').value;
const ask = async (row, page, options) => {
  const { pages } = row.querySelector(".kb-picker").dataset;
  return (await fetch(`${pages}${paragraphOf(row)}/${page}`, options)).json();
};
const locate = async (row, words) => {
  fill(row, words);
  if (!paragraphOf(row) || !words.exact.trim()) return;
  const { exact, before: prefix, after: suffix } = words;
  const headers = { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value };
  const body = new URLSearchParams({ exact, prefix, suffix });
  const found = await ask(row, "locate/", { method: "POST", headers, body });
  if ("start" in found) fill(row, { ...found, before: found.prefix, after: found.suffix });
  row.querySelector(".kb-said").innerHTML = found.says;
};
window.django?.jQuery(document).on("change", 'select[name$="paragraph"]', async ({ target }) => {
  const row = rowOf(target), picker = row.querySelector(".kb-picker");
  picker.hidden = !target.value;
  if (picker.hidden) return;
  const claim = row.querySelector('[name$="-claim"]')?.value ?? "";
  picker.querySelector("[data-pick]").innerHTML = (await ask(row, `text/?claim=${claim}`)).html;
  picker.open = true;
});
document.addEventListener("change", ({ target }) => {
  if (!target.matches('.field-exact [name$="exact"]')) return;
  locate(rowOf(target), { exact: target.value, before: "", after: "" });
});

// Citations in another order. Django names its rows anew, in the order of the page, when one is
// removed: for that moment they stand in the order of their names.
const rows = (group) => [...group.querySelectorAll(".inline-related:not(.empty-form)")];
const position = (row) => row.querySelector('[name$="-position"]');
const number = (all) => all.forEach((row, n) => { position(row).value = n + 1; });
const sort = (group, by) => {
  group.querySelector(".empty-form").before(...rows(group).sort((a, b) => by(a) - by(b)));
};
const movable = (row) => {
  for (const [textContent, ariaLabel, step] of [["↑", "Move up", -1], ["↓", "Move down", 1]]) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent, ariaLabel, className: "kb-move" });
    button.onclick = () => {
      const group = row.closest(".inline-group"), all = rows(group), at = all.indexOf(row);
      if (!all[at + step]) return;
      all.splice(at + step, 0, ...all.splice(at, 1));
      number(all);
      sort(group, (other) => position(other).value);
      button.focus();
    };
    row.querySelector("h3").append(button);
  }
};
document.addEventListener("click", ({ target }) => {
  const group = target.closest(".inline-deletelink")?.closest("#citations-group");
  if (!group) return;
  sort(group, (row) => row.id.split("-").pop());
  setTimeout(() => sort(group, (row) => position(row).value));
}, true);
document.addEventListener("formset:added", ({ target }) => {
  if (!target.closest("#citations-group")) return;
  movable(target);
  number(rows(target.closest(".inline-group")));
});

// The workbench: words go into the form under their paragraph.
const take = (section, words) => {
  document.querySelector(".kb-at-hand")?.classList.remove("kb-at-hand");
  section.classList.add("kb-at-hand");
  section.querySelector(".kb-citing").open = true;
  fill(section.querySelector(".kb-cite"), words);
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
  const { start, words } = event.target.dataset;
  if (start) {
    fill(rowOf(event.target), { start });
    event.target.parentElement.textContent = "Found.";
  } else if (words) {
    event.preventDefault();
    const section = event.target.closest(".kb-para"), box = section.querySelector("[data-pick]");
    take(section, cut(box, ...words.split("-").map(Number)));
    section.querySelector(".kb-cite select, .kb-cite [name=q]").focus();
  }
});
const find = async ({ form, value }) => {
  const answer = await fetch(`${form.dataset.find}?q=${encodeURIComponent(value)}`);
  form.querySelector(".kb-found").innerHTML = (await answer.json()).html;
};
for (const type of ["input", "focusin"]) {
  document.addEventListener(type, ({ target }) => {
    if (target.matches(".kb-cite [name=q]")) soon(() => find(target));
  });
}

// What is done to a paragraph is done without leaving the text. What can't be done is answered by
// a page of its own: the form is then sent as it would be without this.
document.addEventListener("submit", async (event) => {
  const form = event.target, { name, value } = event.submitter ?? {};
  if (!form.matches(".kb-para form") || name === "new") return;
  event.preventDefault();
  if (name === "find") return find(form.elements.q);
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const section = form.closest(".kb-para"), fresh = page.getElementById(section.id);
  if (!fresh) {
    const pressed = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    if (name) form.append(pressed);
    return form.submit();
  }
  section.replaceWith(fresh);
  ready(fresh);
  fresh.querySelector("[data-pick]")?.focus({ preventScroll: true });
  for (const id of ["kb-progress", "kb-said"]) {
    document.getElementById(id).innerHTML = page.getElementById(id).innerHTML;
  }
});

document.addEventListener("DOMContentLoaded", () => {
  ready(document);
  document.querySelectorAll("#citations-group .inline-related:not(.empty-form)").forEach(movable);
});
