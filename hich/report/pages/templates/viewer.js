// The viewer of a CT: what mouse, wheel, keys and fingers do, and what is written beside it.
(function () {
  "use strict";
  var slices = window.hichSlices;
  if (!slices) return;
  var data = slices.data, width = data.size[0], height = data.size[1];
  var mm = [width * data.pixel[0], height * data.pixel[1]];
  var byId = function (id) { return document.getElementById(id); };
  var stage = byId("stage"), scan = byId("scan"), overlay = byId("overlay");
  var slider = byId("slice"), opacity = byId("opacity"), lines = byId("lines");
  var boxes = Array.from(document.querySelectorAll("input.mask"));
  var presets = Array.from(document.querySelectorAll("button.window"));
  var state = {
    slice: data.first, width: +presets[0].dataset.width, level: +presets[0].dataset.level
  };

  stage.style.aspectRatio = mm[0] + " / " + mm[1];
  stage.style.setProperty("--shape", mm[0] / mm[1]);

  function drawOverlay(shown) {
    var box = stage.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    var w = Math.round(box.width * ratio), h = Math.round(box.height * ratio);
    if (!w || !h) return;
    if (overlay.width !== w || overlay.height !== h) { overlay.width = w; overlay.height = h; }
    var context = overlay.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, w, h);
    var on = boxes.filter(function (box) { return box.checked; })
      .map(function (box) { return +box.dataset.bit; });
    slices.drawMasks(context, shown, on, opacity ? opacity.value / 100 : 0, ratio);
    var shift = data.shift[state.slice];
    if (shift && lines.checked) {
      context.setTransform(w / mm[0], 0, 0, h / mm[1], 0, 0);
      var unit = mm[0] / box.width;
      slices.drawLine(context, shift.straight, "#ffffff", 1.2 * unit, [5 * unit, 4 * unit]);
      slices.drawLine(context, shift.curve, data.shift_colour, 1.5 * unit, []);
      slices.drawLine(context, shift.across, "#ffffff", 2.2 * unit, []);
    }
    drawScale(box.width / mm[0]);
  }
  function drawScale(perMm) {
    if (!data.sized) return;  // lengths can't be told of this scan
    var length = [100, 50, 20, 10].find(function (n) { return n * perMm <= stage.clientWidth / 3.5; }) || 10;
    byId("scale-bar").style.width = length * perMm + "px";
    byId("scale-label").textContent = length + " mm";
  }

  var asked = 0, waiting = false;
  function show() {
    slider.value = state.slice;
    stage.dataset.slice = state.slice;
    var height_mm = data.heights[state.slice];
    var where = data.numbers[state.slice] + " / " + data.total;
    byId("where").textContent = !data.sized ? where : where + "   " + (height_mm < 0 ? "I " : "S ") + Math.abs(height_mm).toFixed(1) + " mm";
    slider.setAttribute("aria-valuetext", where);
    byId("contrast").textContent = "W " + Math.round(state.width) + "  L " + Math.round(state.level);
    byId("width").value = Math.round(state.width);
    byId("level").value = Math.round(state.level);
    presets.forEach(function (button) {
      var same = +button.dataset.width === state.width && +button.dataset.level === state.level;
      button.setAttribute("aria-pressed", same);
    });
    var mine = ++asked;
    slices.load(state.slice).then(function (shown) {
      if (mine !== asked || waiting) return;
      waiting = true;
      requestAnimationFrame(function () {
        waiting = false;
        var index = state.slice;
        slices.load(index).then(function (latest) {
          if (index !== state.slice) return;  // decoded too late: another one is shown by now
          slices.drawScan(scan, latest, state);
          drawOverlay(latest);
          stage.dataset.drawn = state.slice;
        });
      });
    });
  }
  function go(index) {
    var next = Math.min(data.images.length - 1, Math.max(0, Math.round(index)));
    if (next === state.slice) return;
    state.slice = next;
    show();
  }
  function contrast(width, level) {
    state.width = Math.min(3000, Math.max(1, width));
    state.level = Math.min(2000, Math.max(-1000, level));
    show();
  }
  function preset(button) {
    contrast(+button.dataset.width, +button.dataset.level);
  }
  function isReference(bit) { return bit >= data.reference; }
  function toggle(which) {
    var some = boxes.filter(function (box) { return which(+box.dataset.bit); });
    var on = !some.some(function (box) { return box.checked; });
    some.forEach(function (box) { box.checked = on; });
    masksChanged();
  }
  function masksChanged() {
    [["all-predicted", false], ["all-reference", true]].forEach(function (pair) {
      var all = byId(pair[0]);
      if (!all) return;
      var group = boxes.filter(function (box) { return isReference(+box.dataset.bit) === pair[1]; });
      var on = group.filter(function (box) { return box.checked; }).length;
      all.checked = on > 0;
      all.indeterminate = on > 0 && on < group.length;
    });
    show();
  }

  slider.addEventListener("input", function () { go(+slider.value); });
  presets.forEach(function (button) {
    button.addEventListener("click", function () { preset(button); });
  });
  ["width", "level"].forEach(function (id) {
    byId(id).addEventListener("change", function () {
      var value = byId(id).valueAsNumber;
      if (isFinite(value)) contrast(id === "width" ? value : state.width, id === "level" ? value : state.level);
      else show();
    });
  });
  boxes.forEach(function (box) { box.addEventListener("change", masksChanged); });
  [["all-predicted", false], ["all-reference", true]].forEach(function (pair) {
    var all = byId(pair[0]);
    if (all) all.addEventListener("change", function () {
      boxes.forEach(function (box) {
        if (isReference(+box.dataset.bit) === pair[1]) box.checked = all.checked;
      });
      masksChanged();
    });
  });
  if (opacity) opacity.addEventListener("input", show);
  if (lines) lines.addEventListener("change", show);

  var turned = 0;
  stage.addEventListener("wheel", function (event) {
    if (event.ctrlKey) return;  // the browser's own zoom
    event.preventDefault();
    // A mouse sends steps of a hundred or of some lines, a touchpad many small ones.
    turned += event.deltaMode === 1 ? event.deltaY * 34 : event.deltaY;
    var steps = Math.trunc(turned / 60);
    if (steps) { turned -= steps * 60; go(state.slice - Math.sign(steps) * Math.min(3, Math.abs(steps))); }
  }, { passive: false });

  stage.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    var digit = /^Digit([1-9])$/.exec(event.code);
    var keys = {
      ArrowUp: function () { go(state.slice + 1); }, ArrowDown: function () { go(state.slice - 1); },
      ArrowRight: function () { go(state.slice + 1); }, ArrowLeft: function () { go(state.slice - 1); },
      PageUp: function () { go(state.slice + 5); }, PageDown: function () { go(state.slice - 5); },
      Home: function () { go(0); }, End: function () { go(data.images.length - 1); },
      m: function () { toggle(function (bit) { return !isReference(bit); }); }, r: function () { toggle(isReference); }
    };
    presets.forEach(function (button) {
      keys[button.getAttribute("aria-keyshortcuts").toLowerCase()] = function () { preset(button); };
    });
    var act = digit
      ? function () {
        var wanted = +digit[1] - 1 + (event.shiftKey ? data.reference : 0);
        toggle(function (bit) { return bit === wanted; });
      }
      : keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // Dragging: up and down through the slices; with the right button or Shift, the window.
  var drag = null;
  stage.addEventListener("pointerdown", function (event) {
    drag = {
      x: event.clientX, y: event.clientY, slice: state.slice, width: state.width, level: state.level,
      window: event.button === 2 || event.shiftKey, touch: event.pointerType === "touch"
    };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", function (event) {
    if (!drag) return readout(event);
    var dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    if (drag.window) contrast(drag.width + dx * Math.max(1, drag.width / 200), drag.level - dy * Math.max(0.5, drag.width / 300));
    // A finger that goes up or down scrolls the page.
    else go(drag.slice + (drag.touch ? dx : -dy) / Math.max(6, stage.clientHeight / (1.5 * data.images.length)));
  });
  ["pointerup", "pointercancel"].forEach(function (name) {
    stage.addEventListener(name, function () { drag = null; });
  });
  stage.addEventListener("contextmenu", function (event) { event.preventDefault(); });
  stage.addEventListener("pointerleave", function () { byId("hu").textContent = ""; });
  function readout(event) {
    var box = stage.getBoundingClientRect();
    var x = Math.floor((event.clientX - box.left) / box.width * width);
    var y = Math.floor((event.clientY - box.top) / box.height * height);
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    var index = state.slice;
    slices.load(index).then(function (shown) {
      if (index === state.slice) byId("hu").textContent = readHu(shown.codes[y * width + x] & 255);
    });
  }

  // The first and the last code also stand for all beyond them; pictures that are compressed or shrunk tell about where HU lie.
  // A code stands for one HU from -40 to 120 alone (KNOTS_HU of stack.py), for as many as lie between two beyond.
  function readHu(code) {
    var hu = slices.hu, from = Math.max(code - 1, 0), to = Math.min(code + 1, 255);
    var step = Math.max(hu[to] - hu[code], hu[code] - hu[from]);
    if (code === 255) return "\u2265 " + Math.round(hu[code]) + " HU";
    if (code === 0) return "\u2264 " + Math.round(hu[code]) + " HU";
    return (step > 1.5 || !data.lossless ? "\u2248 " : "") + Math.round(hu[code]) + " HU";
  }

  if (window.ResizeObserver) new ResizeObserver(show).observe(stage);
  window.hichViewer = { go: go, at: function () { return state.slice; } };
  masksChanged();
  // The rest while nobody waits.
  (function ahead(index) {
    if (index >= data.images.length) return;
    slices.load(index).then(function () { setTimeout(function () { ahead(index + 1); }, 0); });
  })(0);
})();
