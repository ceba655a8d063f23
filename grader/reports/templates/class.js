"use strict";
// Sorting and filtering of the students' tables. Without this script the page shows all the same, unsorted.
for (const sheet of document.querySelectorAll(".sheet")) {
  const table = sheet.querySelector(".grades table");
  const rows = [...table.tBodies[0].rows];
  const headers = [...table.tHead.rows[0].cells];
  const filters = sheet.querySelector(".filters");
  const [name, state, cause] = ["name", "state", "cause"].map((field) => filters.querySelector("." + field));
  const clear = filters.querySelector(".clear");
  const count = filters.querySelector(".count");
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  const names = new Map(rows.map((row) => [row, plain(row.cells[0].textContent)]));

  const value = (row, column) => {
    const text = (row.cells[column].querySelector(".num") ?? row.cells[column]).textContent.trim();
    return headers[column].classList.contains("num") ? Number.parseFloat(text) : text;
  };

  const order = (column, descending) => {
    const keys = new Map(rows.map((row) => [row, value(row, column)]));
    const numbers = headers[column].classList.contains("num");
    const sorted = [...rows].sort((left, right) => {
      const [a, b] = [keys.get(left), keys.get(right)];
      if (!numbers) return (descending ? -1 : 1) * words.compare(a, b);
      // What has no number comes last in either direction.
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return descending ? b - a : a - b;
    });
    table.tBodies[0].append(...sorted);
    for (const [index, header] of headers.entries()) {
      if (index === column) header.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    }
  };

  for (const [index, header] of headers.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const sort = header.getAttribute("aria-sort");
      // Names rise first; marks fall first, since one looks for the ends.
      order(index, sort ? sort === "ascending" : header.classList.contains("num"));
    });
  }

  const holds = (row) => {
    const wanted = state.value;
    if (!names.get(row).includes(plain(name.value.trim()))) return false;
    if (cause.value && !row.dataset.c.split(" ").includes(cause.value)) return false;
    if (wanted.startsWith("p")) return !row.cells[Number(wanted.slice(1))].classList.contains("t3");
    return !wanted || row.dataset.s.split(" ").includes(wanted);
  };

  const filter = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !holds(row);
      shown += row.hidden ? 0 : 1;
    }
    clear.hidden = !(name.value || state.value || cause.value);
    count.textContent = clear.hidden ? "" : `${shown} of ${rows.length} shown`;
  };

  for (const field of [name, state, cause]) field.addEventListener("input", filter);
  clear.addEventListener("click", () => {
    for (const field of [name, state, cause]) field.value = "";
    filter();
    name.focus();
  });

  for (const cluster of sheet.querySelectorAll(".causes [data-cluster]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show in the table";
    cluster.append(button);
    button.addEventListener("click", () => {
      cause.value = cluster.dataset.cluster;
      filter();
      filters.scrollIntoView({ block: "start" });
      cause.focus({ preventScroll: true });
    });
  }
  filters.hidden = false;
  filter();
}
