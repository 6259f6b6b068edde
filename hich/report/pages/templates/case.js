// From the comparison to where its values come from: a slice, or a place in the record.
(function () {
  "use strict";
  var viewer = window.hichViewer;
  if (viewer) {
    document.querySelectorAll("[data-slice]").forEach(function (element) {
      if (element.id === "stage") return;
      var target = +element.dataset.slice, before = null;
      var preview = element.classList.contains("value");
      function enter() { if (before === null) { before = viewer.at(); viewer.go(target); } }
      function leave() { if (before !== null) viewer.go(before); before = null; }
      if (preview) {
        element.addEventListener("mouseenter", enter);
        element.addEventListener("focus", enter);
        element.addEventListener("mouseleave", leave);
        element.addEventListener("blur", leave);
      }
      element.addEventListener("click", function (event) {
        event.preventDefault();
        before = null;  // stay there
        viewer.go(target);
        var box = document.getElementById("stage").getBoundingClientRect();
        if (box.top < 0 || box.bottom > innerHeight) {
          document.getElementById("viewer").scrollIntoView({ block: "start" });
        }
      });
    });
  }
  var marked = [];
  document.querySelectorAll("a[data-evidence]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      marked.forEach(function (piece) { piece.classList.remove("marked"); });
      marked = Array.from(document.querySelectorAll(".text .e" + link.dataset.evidence));
      marked.forEach(function (piece) { piece.classList.add("marked"); });
      if (marked.length) {
        var still = matchMedia("(prefers-reduced-motion: reduce)").matches;
        marked[0].scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
      }
    });
  });
})();
