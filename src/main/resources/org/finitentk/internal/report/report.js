"use strict";
// Heads of tables become buttons that sort the rows: without a script they are heads, and nothing is lost.
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const said = document.getElementById("said");
  const key = (row, column) => {
    const cell = row.cells[column];
    return "value" in cell.dataset ? parseFloat(cell.dataset.value) : cell.textContent.trim();
  };
  const compare = (a, b) => typeof a === "string" || typeof b === "string"
    ? String(a).localeCompare(String(b), "en", { numeric: true })
    : a < b ? -1 : a > b ? 1 : 0;
  heads.forEach((head, column) => {
    const name = head.textContent.trim();
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction);
      const sign = direction === "ascending" ? 1 : -1;
      const isMissing = row => Number.isNaN(key(row, column));
      // What is missing stays last in both directions, and rows alike keep the order of the methods or tasks.
      body.append(...rows.slice().sort((a, b) => isMissing(a) - isMissing(b)
        || sign * compare(key(a, column), key(b, column))));
      said.textContent = "Sorted by " + name + ", " + direction + ".";
    });
  });
}
