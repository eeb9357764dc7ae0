// Optional: a line from the words of one text to those of the other, for each claim of the table.
const texts = document.getElementById("texts");
const threads = texts?.querySelector(".threads");
const NAMESPACE = "http://www.w3.org/2000/svg";

const draw = () => {
  const ground = threads.getBoundingClientRect();
  const paths = [...document.querySelectorAll("tr[data-c]")].map((row) => {
    const [here, there] = row.dataset.c.split(" ").map((id) => document.getElementById(id));
    const from = [...here.getClientRects()].at(-1);
    const to = there.getClientRects()[0];
    const left = here.closest(".side").getBoundingClientRect().right - ground.left;
    const right = there.closest(".side").getBoundingClientRect().left - ground.left;
    const [y, z] = [from, to].map((box) => Math.round(box.bottom - ground.top) + 3.5);
    const middle = (left + right) / 2;
    const path = document.createElementNS(NAMESPACE, "path");
    path.setAttribute(
      "d",
      `M${from.right - ground.left} ${y}H${left}C${middle} ${y} ${middle} ${z} ${right} ${z}H${to.left - ground.left}`,
    );
    path.setAttribute("class", [...here.classList].find((name) => name.startsWith("k-")) ?? "");
    path.dataset.c = row.dataset.c;
    return path;
  });
  threads.replaceChildren(...paths);
};

if (threads) new ResizeObserver(draw).observe(texts);
