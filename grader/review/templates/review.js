"use strict";
// The keyboard. Without this script every page works by mouse, Tab and Enter.
const form = document.querySelector("form.decide");
const points = document.getElementById("points");
const comment = document.getElementById("comment");
const keys = document.querySelector(".keys");
const shown = (element) => element !== null && element.getClientRects().length > 0;

const save = () => {
  if (form) form.requestSubmit(form.querySelector(".save"));
};

const digit = (key) => {
  const rulings = form ? form.querySelectorAll("[name=ruling]") : [];
  if (rulings.length) {
    const chosen = rulings[Number(key) - 1];
    if (chosen) {
      chosen.checked = true;
      chosen.focus();
    }
  } else if (points) {
    points.focus();
    points.value = key;
  }
};

const act = (key) => {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!shown(target)) return false;
  target.focus();
  target.click();
  return true;
};

const inText = (event) => {
  const { key, target } = event;
  if (key === "Escape") target.blur();
  else if (key === "Enter" && !event.shiftKey && target === comment) {
    event.preventDefault();
    save();
  }
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = target.matches("textarea");
  const number = target === points && points !== null;
  if (typing) {
    inText(event);
    return;
  }
  if (number && (/^[0-9.,]$/.test(key) || key === "Enter")) return;
  if (/^[0-9]$/.test(key)) digit(key);
  else if (key === "Escape") {
    if (keys.open) keys.open = false;
    else target.blur();
  } else if (key === "?") {
    keys.open = !keys.open;
    if (keys.open) keys.querySelector("summary").focus();
  } else if (key === "c" && comment) comment.focus();
  else if (key === "Enter") {
    if (target.closest("a, button, summary")) return;
    // Where somebody else decided meanwhile, a key pressed once too often is no answer.
    if (form && "ask" in form.dataset) return;
    save();
  } else if (!/^[a-z]$/.test(key) || !act(key)) {
    if (key !== "j" || !document.querySelector("a[data-open]")) return;
    document.querySelector("a[data-open]").click();
  }
  event.preventDefault();
});

// A second click on a slow machine would send the form twice.
document.addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("button")) setTimeout(() => (button.disabled = true), 0);
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button")) button.disabled = false;
});
if (points) {
  // What is typed takes the place of what was filled in.
  points.addEventListener("focus", () => points.select());
  if (document.activeElement === points) points.select();
}

const marked = document.querySelector(".source tr.here");
if (marked) {
  const box = marked.closest(".scroll");
  box.scrollTop = marked.offsetTop - box.clientHeight / 2;
}
