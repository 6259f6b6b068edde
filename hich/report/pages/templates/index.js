// The table of cases: sorted and filtered in memory; only the rows in sight are in the page.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("data").textContent);
  var byId = function (id) { return document.getElementById(id); };
  var body = byId("rows"), scroller = byId("scroller"), table = byId("table");
  var headers = Array.from(document.querySelectorAll("th[data-key]"));
  var ROW = 34, BEYOND = 12;  // height of a row in CSS pixels; rows kept above and below
  var SVG = "http://www.w3.org/2000/svg";
  var collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  var UPWARDS = ["id", "part"];  // what is read from A to Z; numbers are most of use from the top
  var sort = { key: "urgency", down: true }, shown = [], first = -1, last = -1;

  // In the page a case is a list, so that thousands stay light; here its values have their names.
  var cases = data.cases.map(function (values) {
    var item = {};
    data.fields.forEach(function (name, i) { item[name] = values[i]; });
    return item;
  });
  // The order of ids, once: comparing strings by a language's rules is slow.
  cases.slice()
    .sort(function (a, b) { return collator.compare(a.id, b.id); })
    .forEach(function (item, rank) { item.rank = rank; });
  cases.forEach(function (item) {
    item.lower = item.id.toLowerCase();
    // Verdicts in the order of what they ask for: how many differ, then how many are uncertain.
    item.asked = item.verdicts.split("").reduce(function (sum, digit) {
      return sum + (data.weights[+digit] || 0);  // a dot where nothing was compared
    }, 0);
  });

  function value(item) {
    if (sort.key === "id") return item.rank;
    if (sort.key === "verdicts") return item.asked;
    return item[sort.key];
  }
  function compare(a, b) {
    var x = value(a), y = value(b);
    if (x === y) return a.rank - b.rank;
    if (x === null) return 1;  // what is not known comes last, whichever way
    if (y === null) return -1;
    var order = x < y ? -1 : 1;
    return sort.down ? -order : order;
  }
  function filter() {
    var search = byId("search").value.trim().toLowerCase();
    var part = byId("part") ? byId("part").value : "";
    var verdict = byId("verdict").value, aspect = byId("aspect").value;
    var looks = byId("only-looks").checked;
    shown = cases.filter(function (item) {
      if (search && item.lower.indexOf(search) < 0) return false;
      if (part && item.part !== part) return false;
      if (looks && !item.urgency) return false;
      if (aspect) {
        var found = item.verdicts[+aspect];
        return verdict ? found === verdict : found !== ".";
      }
      return !verdict || item.verdicts.indexOf(verdict) >= 0;
    });
  }
  function update() {
    filter();
    shown.sort(compare);
    headers.forEach(function (header) {
      if (header.dataset.key === sort.key) header.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    });
    byId("shown").textContent = data.texts.shown.replace("{0}", shown.length).replace("{1}", cases.length);
    table.setAttribute("aria-rowcount", shown.length + 1);
    scroller.scrollTop = 0;
    first = -1;
    draw();
  }

  function cell(tag, text, style) {
    var element = document.createElement(tag);
    if (text !== null) element.textContent = text;
    if (style) element.className = style;
    return element;
  }
  function number(value, digits) {
    return value === null ? "–" : value.toFixed(digits).replace("-", "\u2212");
  }
  function strip(digits) {
    var box = cell("td", null), line = cell("span", null, "strip");
    for (var i = 0; i < digits.length; i++) {
      var known = digits[i] !== ".";
      var piece = cell("span", null, known ? data.verdictIds[+digits[i]] : "nothing");
      var said = data.aspects[i] + ": " + (known ? data.verdicts[+digits[i]] : data.texts.none);
      piece.title = said;
      piece.setAttribute("role", "img");
      piece.setAttribute("aria-label", said);
      if (known) {
        var svg = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
        use.setAttribute("href", "#i-" + data.verdictIds[+digits[i]]);
        svg.appendChild(use);
        piece.appendChild(svg);
      }
      line.appendChild(piece);
    }
    box.appendChild(line);
    return box;
  }
  function row(item, index) {
    var line = document.createElement("tr");
    line.setAttribute("aria-rowindex", index + 2);
    var name = cell("th", item.page === null ? item.id : null);
    name.scope = "row";
    name.title = item.id;
    if (item.page !== null) {
      var link = cell("a", item.id);
      link.href = item.page;
      name.appendChild(link);
    }
    line.appendChild(name);
    if (data.hasParts) line.appendChild(cell("td", data.parts[item.part] || item.part));
    var urgency = item.urgency;
    line.appendChild(cell("td", urgency ? number(urgency, urgency % 1 ? 1 : 0) : "–", "number"));
    line.appendChild(strip(item.verdicts));
    data.columns.forEach(function (column) {
      var low = item[column.name], high = column.upper ? item[column.upper] : low;
      var written = number(low, column.digits);
      if (high !== low) written += "–" + number(high, column.digits);
      line.appendChild(cell("td", written, "number"));
    });
    return line;
  }
  function spacer(rows) {
    var line = cell("tr", null, "spacer"), box = cell("td", null);
    box.colSpan = headers.length;
    box.style.height = rows * ROW + "px";
    line.setAttribute("aria-hidden", "true");
    line.appendChild(box);
    return line;
  }
  function draw(all) {
    var from = Math.max(0, Math.floor(scroller.scrollTop / ROW) - BEYOND);
    var to = Math.min(shown.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW) + BEYOND);
    if (all === true) { from = 0; to = shown.length; }
    if (from === first && to === last) return;
    first = from; last = to;
    var lines = document.createDocumentFragment();
    if (from) lines.appendChild(spacer(from));
    for (var i = from; i < to; i++) lines.appendChild(row(shown[i], i));
    if (to < shown.length) lines.appendChild(spacer(shown.length - to));
    body.replaceChildren(lines);
  }

  headers.forEach(function (header) {
    header.querySelector("button").addEventListener("click", function () {
      var key = header.dataset.key;
      sort = { key: key, down: key === sort.key ? !sort.down : UPWARDS.indexOf(key) < 0 };
      update();
    });
  });
  byId("filters").addEventListener("input", update);
  byId("filters").addEventListener("submit", function (event) { event.preventDefault(); });
  var asked = false;
  scroller.addEventListener("scroll", function () {
    if (asked) return;
    asked = true;
    requestAnimationFrame(function () { asked = false; draw(); });
  });
  addEventListener("resize", draw);
  addEventListener("beforeprint", function () { draw(true); });
  addEventListener("afterprint", function () { first = -1; draw(); });
  update();
})();
