// Light or dark: what the reader chose last, else what the system says.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  function stored() {
    try { return localStorage.getItem("hich-theme"); } catch (error) { return null; }
  }
  var chosen = stored();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  document.addEventListener("DOMContentLoaded", function () {
    document.getElementById("theme").addEventListener("click", function () {
      var dark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      try { localStorage.setItem("hich-theme", root.dataset.theme); } catch (error) { /* private mode */ }
    });
  });
})();
