// Several scans of one patient side by side: one slider, one window, the masks of each.
(function () {
  "use strict";
  var source = document.getElementById("follow-data");
  if (!source) return;
  var data = JSON.parse(source.textContent);
  var byId = function (id) { return document.getElementById(id); };
  var slider = byId("follow-slice"), masks = byId("follow-masks");
  var windows = Array.from(document.querySelectorAll("button.follow-window"));
  var stages = Array.from(document.querySelectorAll(".follow-stage"));
  var views = data.scans.map(function (scan) {
    return window.hichMakeSlices(Object.assign({}, data.common, scan));
  });
  var at = data.first, contrast = windows[0];

  // A scan in the place of the first has its slices; of another the slice at the same share of the
  // scan's height is the best guess.
  function sliceOf(number) {
    var own = views[number].data.images.length, first = views[0].data.images.length;
    return data.placed[number] || first < 2 ? Math.min(at, own - 1) : Math.round(at * (own - 1) / (first - 1));
  }
  function draw(number) {
    var view = views[number], stage = stages[number], index = sliceOf(number), mine = at;
    view.load(index).then(function (shown) {
      if (mine !== at) return;
      var canvas = stage.querySelector(".scan"), overlay = stage.querySelector(".overlay");
      view.drawScan(canvas, shown, { width: +contrast.dataset.width, level: +contrast.dataset.level });
      var box = stage.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
      overlay.width = Math.round(box.width * ratio);
      overlay.height = Math.round(box.height * ratio);
      var bits = masks.checked ? view.data.colours.map(function (_, bit) { return bit; }) : [];
      view.drawMasks(overlay.getContext("2d"), shown, bits, 0.4, ratio);
      stage.querySelector(".where").textContent = view.data.numbers[index] + " / " + view.data.total;
      stage.dataset.drawn = index;
    });
  }
  function show() {
    slider.value = at;
    windows.forEach(function (button) { button.setAttribute("aria-pressed", button === contrast); });
    views.forEach(function (_, number) { draw(number); });
  }
  function go(index) {
    var next = Math.min(views[0].data.images.length - 1, Math.max(0, index));
    if (next !== at) { at = next; show(); }
  }

  slider.addEventListener("input", function () { go(+slider.value); });
  masks.addEventListener("change", show);
  windows.forEach(function (button) {
    button.addEventListener("click", function () { contrast = button; show(); });
  });
  var turned = 0;
  stages.forEach(function (stage, number) {
    var of = views[number].data;
    stage.style.aspectRatio = of.size[0] * of.pixel[0] + " / " + of.size[1] * of.pixel[1];
    stage.addEventListener("wheel", function (event) {
      if (event.ctrlKey) return;
      event.preventDefault();
      turned += event.deltaMode === 1 ? event.deltaY * 34 : event.deltaY;
      var steps = Math.trunc(turned / 60);
      if (steps) { turned -= steps * 60; go(at - Math.sign(steps)); }
    }, { passive: false });
    stage.addEventListener("keydown", function (event) {
      var step = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      go(at + step);
    });
    if (window.ResizeObserver) new ResizeObserver(function () { draw(number); }).observe(stage);
  });
  show();
})();
