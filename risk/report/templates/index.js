// Sorting and finding for those who have scripts; without this the page is a plain table and a map of links.
(function () {
  "use strict";
  var CHANCE = 4, INTERVAL = 5, UNKNOWN = ["–", "none", "not known"];
  var by = function (id) { return document.getElementById(id); };
  var table = by("ranking"), body = table.tBodies[0], rows = Array.from(body.rows);
  var tiles = Array.from(by("tiles").querySelectorAll("a"));
  var fields = ["find", "by-tier", "by-region", "by-law"].map(by);
  var plain = function (text) { return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase(); };
  var code = function (holder) { return holder.getAttribute("href").slice(0, 3); };
  var text = function (row, column) { return row.cells[column].textContent.trim(); };
  var codes = rows.map(function (row) { return code(row.querySelector("a")); });
  var names = rows.map(function (row, at) { return plain(codes[at] + " " + text(row, 1)); });

  function wanted(row, at) {
    return names[at].includes(plain(fields[0].value.trim()))
      && (!fields[1].value || text(row, 3) === fields[1].value)
      && (!fields[2].value || text(row, 2) === fields[2].value)
      && (!fields[3].checked || "sort" in row.cells[9].dataset);
  }

  function filter() {
    var shown = new Set();
    rows.forEach(function (row, at) {
      row.hidden = !wanted(row, at);
      if (!row.hidden) { shown.add(codes[at]); }
    });
    tiles.forEach(function (tile) { tile.classList.toggle("off", !shown.has(code(tile))); });
    by("count").textContent = shown.size + " of " + rows.length + " partners shown"
      + (shown.size === 1 ? "; press Enter to open" : "");
  }

  function open(event) {
    var left = rows.filter(function (row) { return !row.hidden; });
    if (event.key === "Enter" && left.length === 1) { left[0].querySelector("a").click(); }
    if (event.key === "Escape") { fields[0].value = ""; filter(); }
  }

  function value(row, column) {
    var sorted = row.cells[column === INTERVAL ? CHANCE : column].dataset.sort, said = plain(text(row, column));
    return sorted || (UNKNOWN.includes(said) ? "" : said);
  }

  function compare(one, other, column, way) {
    var a = value(one, column), b = value(other, column);
    if (a === "" || b === "") { return (a === "") - (b === ""); }
    return way * (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);
  }

  function sort(head, column) {
    var way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    Array.from(head.parentNode.cells).forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
    rows.slice().sort(function (a, b) { return compare(a, b, column, way); }).forEach(function (row) { body.append(row); });
  }

  Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", function () { sort(head, column); });
    head.replaceChildren(button);
  });
  fields.forEach(function (field) { field.addEventListener("input", filter); });
  fields[0].addEventListener("keydown", open);
  by("finder").hidden = false;
  filter();
})();
