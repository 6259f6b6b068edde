// The CT: slices decoded from grey pictures, shown through a window, with masks over them.
(function () {
  "use strict";
  var source = document.getElementById("data");
  if (!source) return;
  var data = JSON.parse(source.textContent);
  var width = data.size[0], height = data.size[1], pixels = width * height;
  var mm = [width * data.pixel[0], height * data.pixel[1]];
  var byId = function (id) { return document.getElementById(id); };
  var stage = byId("stage"), scan = byId("scan"), overlay = byId("overlay");
  var slider = byId("slice"), opacity = byId("opacity"), lines = byId("lines");
  var boxes = Array.from(document.querySelectorAll("input.mask"));
  var presets = Array.from(document.querySelectorAll("button.window"));
  var state = { slice: data.first, width: 80, level: 40 };

  stage.style.aspectRatio = mm[0] + " / " + mm[1];
  stage.style.setProperty("--shape", mm[0] / mm[1]);

  // Code of a picture to HU, between the knots straight.
  var hu = new Float32Array(256);
  for (var code = 0; code < 256; code++) {
    var k = 0;
    while (k < data.knots[0].length - 2 && code > data.knots[0][k + 1]) k++;
    var c = data.knots[0], h = data.knots[1];
    hu[code] = h[k] + (code - c[k]) * (h[k + 1] - h[k]) / (c[k + 1] - c[k]);
  }

  // Slices as they are asked for: codes and bit fields, one byte a pixel.
  var decoder = document.createElement("canvas");
  decoder.width = width; decoder.height = height;
  var pen = decoder.getContext("2d", { willReadFrequently: true });
  var decoded = new Map();
  function bytes(uri) {
    if (!uri) return Promise.resolve(null);
    var image = new Image();
    image.src = uri;
    return image.decode().then(function () {
      pen.drawImage(image, 0, 0);
      var rgba = pen.getImageData(0, 0, width, height).data;
      var grey = new Uint8Array(pixels);
      for (var i = 0; i < pixels; i++) grey[i] = rgba[4 * i];
      return grey;
    });
  }
  function slice(index) {
    if (!decoded.has(index)) {
      decoded.set(index, Promise.all([bytes(data.images[index]), bytes(data.masks[index])])
        .then(function (pair) { return { codes: pair[0], bits: pair[1], fills: {}, outlines: {} }; }));
    }
    return decoded.get(index);
  }

  function drawScan(shown) {
    var low = state.level - state.width / 2, grey = new Uint32Array(256);
    for (var code = 0; code < 256; code++) {
      var value = Math.round(Math.min(1, Math.max(0, (hu[code] - low) / state.width)) * 255);
      grey[code] = 0xff000000 | value << 16 | value << 8 | value;
    }
    var context = scan.getContext("2d");
    var picture = context.createImageData(width, height);
    var words = new Uint32Array(picture.data.buffer);
    for (var i = 0; i < pixels; i++) words[i] = grey[shown.codes[i]];
    context.putImageData(picture, 0, 0);
  }

  // A mask's area as a picture of its own, and its edge as lines along the pixels.
  function fill(shown, bit) {
    if (!shown.fills[bit]) {
      var canvas = document.createElement("canvas");
      canvas.width = width; canvas.height = height;
      var context = canvas.getContext("2d");
      var picture = context.createImageData(width, height);
      var words = new Uint32Array(picture.data.buffer);
      var rgb = data.colours[bit % 4];
      var colour = 0xff000000 | rgb[2] << 16 | rgb[1] << 8 | rgb[0];
      for (var i = 0; i < pixels; i++) if (shown.bits[i] >> bit & 1) words[i] = colour;
      context.putImageData(picture, 0, 0);
      shown.fills[bit] = canvas;
    }
    return shown.fills[bit];
  }
  function outline(shown, bit) {
    if (!shown.outlines[bit]) {
      var path = new Path2D(), bits = shown.bits;
      var inside = function (x, y) {
        return x >= 0 && y >= 0 && x < width && y < height && (bits[y * width + x] >> bit & 1) === 1;
      };
      for (var y = 0; y <= height; y++) {
        for (var x = 0, from = -1; x <= width; x++) {
          var edge = x < width && inside(x, y) !== inside(x, y - 1);
          if (edge && from < 0) from = x;
          if (!edge && from >= 0) { path.moveTo(from, y); path.lineTo(x, y); from = -1; }
        }
      }
      for (x = 0; x <= width; x++) {
        for (y = 0, from = -1; y <= height; y++) {
          edge = y < height && inside(x, y) !== inside(x - 1, y);
          if (edge && from < 0) from = y;
          if (!edge && from >= 0) { path.moveTo(x, from); path.lineTo(x, y); from = -1; }
        }
      }
      shown.outlines[bit] = path;
    }
    return shown.outlines[bit];
  }
  function any(shown, bit) {
    if (!shown.any) {
      var all = 0;
      for (var i = 0; i < pixels; i++) all |= shown.bits[i];
      shown.any = all;
    }
    return shown.any >> bit & 1;
  }

  function drawOverlay(shown) {
    var box = stage.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    var w = Math.round(box.width * ratio), h = Math.round(box.height * ratio);
    if (!w || !h) return;
    if (overlay.width !== w || overlay.height !== h) { overlay.width = w; overlay.height = h; }
    var context = overlay.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, w, h);
    context.imageSmoothingEnabled = false;
    var on = boxes.filter(function (box) { return box.checked; })
      .map(function (box) { return +box.dataset.bit; });
    if (shown.bits) {
      on.filter(function (bit) { return bit < 4 && any(shown, bit); }).forEach(function (bit) {
        context.globalAlpha = opacity.value / 100;
        context.drawImage(fill(shown, bit), 0, 0, w, h);
      });
      context.globalAlpha = 1;
      on.filter(function (bit) { return bit >= 4 && any(shown, bit); }).forEach(function (bit) {
        var scaled = new Path2D();
        scaled.addPath(outline(shown, bit), new DOMMatrix([w / width, 0, 0, h / height, 0, 0]));
        context.lineWidth = 3 * ratio;
        context.strokeStyle = "rgba(0, 0, 0, 0.55)";
        context.stroke(scaled);
        context.lineWidth = 1.5 * ratio;
        context.strokeStyle = "rgb(" + data.colours[bit % 4].join(",") + ")";
        context.stroke(scaled);
      });
    }
    var shift = data.shift[state.slice];
    if (shift && lines.checked) {
      context.setTransform(w / mm[0], 0, 0, h / mm[1], 0, 0);
      var unit = mm[0] / box.width;
      draw(context, shift.straight, "#ffffff", 1.2 * unit, [5 * unit, 4 * unit]);
      draw(context, shift.curve, "#f0e442", 1.5 * unit, []);
      draw(context, shift.across, "#ffffff", 2.2 * unit, []);
    }
    drawScale(box.width / mm[0]);
  }
  function draw(context, points, colour, thick, dashes) {
    context.beginPath();
    points.forEach(function (point, i) { context[i ? "lineTo" : "moveTo"](point[0], point[1]); });
    context.lineWidth = thick;
    context.setLineDash(dashes);
    context.strokeStyle = colour;
    context.stroke();
  }
  function drawScale(perMm) {
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
    byId("where").textContent = where + "   " + (height_mm < 0 ? "I " : "S ") + Math.abs(height_mm).toFixed(1) + " mm";
    slider.setAttribute("aria-valuetext", where);
    byId("contrast").textContent = "W " + Math.round(state.width) + "  L " + Math.round(state.level);
    byId("width").value = Math.round(state.width);
    byId("level").value = Math.round(state.level);
    presets.forEach(function (button) {
      var same = +button.dataset.width === state.width && +button.dataset.level === state.level;
      button.setAttribute("aria-pressed", same);
    });
    var mine = ++asked;
    slice(state.slice).then(function (shown) {
      if (mine !== asked || waiting) return;
      waiting = true;
      requestAnimationFrame(function () {
        waiting = false;
        slice(state.slice).then(function (latest) {
          drawScan(latest);
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
  function preset(name) {
    var button = presets.find(function (b) { return b.dataset.window === name; });
    contrast(+button.dataset.width, +button.dataset.level);
  }
  function toggle(bits) {
    var some = boxes.filter(function (box) { return bits.indexOf(+box.dataset.bit) >= 0; });
    var on = !some.some(function (box) { return box.checked; });
    some.forEach(function (box) { box.checked = on; });
    masksChanged();
  }
  function masksChanged() {
    [["all-predicted", 0], ["all-reference", 4]].forEach(function (pair) {
      var all = byId(pair[0]);
      if (!all) return;
      var group = boxes.filter(function (box) { return (+box.dataset.bit & 4) === pair[1]; });
      var on = group.filter(function (box) { return box.checked; }).length;
      all.checked = on > 0;
      all.indeterminate = on > 0 && on < group.length;
    });
    show();
  }

  slider.addEventListener("input", function () { go(+slider.value); });
  presets.forEach(function (button) {
    button.addEventListener("click", function () { preset(button.dataset.window); });
  });
  ["width", "level"].forEach(function (id) {
    byId(id).addEventListener("change", function () {
      var value = byId(id).valueAsNumber;
      if (isFinite(value)) contrast(id === "width" ? value : state.width, id === "level" ? value : state.level);
      else show();
    });
  });
  boxes.forEach(function (box) { box.addEventListener("change", masksChanged); });
  [["all-predicted", [0, 1, 2, 3]], ["all-reference", [4, 5, 6, 7]]].forEach(function (pair) {
    var all = byId(pair[0]);
    if (all) all.addEventListener("change", function () {
      boxes.forEach(function (box) {
        if (pair[1].indexOf(+box.dataset.bit) >= 0) box.checked = all.checked;
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
    var digit = /^Digit([1-4])$/.exec(event.code);
    var keys = {
      ArrowUp: function () { go(state.slice + 1); }, ArrowDown: function () { go(state.slice - 1); },
      ArrowRight: function () { go(state.slice + 1); }, ArrowLeft: function () { go(state.slice - 1); },
      PageUp: function () { go(state.slice + 5); }, PageDown: function () { go(state.slice - 5); },
      Home: function () { go(0); }, End: function () { go(data.images.length - 1); },
      b: function () { preset("brain"); }, d: function () { preset("blood"); },
      s: function () { preset("stroke"); }, n: function () { preset("bone"); },
      m: function () { toggle([0, 1, 2, 3]); }, r: function () { toggle([4, 5, 6, 7]); }
    };
    var act = digit
      ? function () { toggle([+digit[1] - 1 + (event.shiftKey ? 4 : 0)]); }
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
    slice(index).then(function (shown) {
      if (index === state.slice) byId("hu").textContent = Math.round(hu[shown.codes[y * width + x]]) + " HU";
    });
  }

  if (window.ResizeObserver) new ResizeObserver(show).observe(stage);
  window.hichViewer = { go: go, at: function () { return state.slice; } };
  masksChanged();
  // The rest while nobody waits.
  (function ahead(index) {
    if (index >= data.images.length) return;
    slice(index).then(function () { setTimeout(function () { ahead(index + 1); }, 0); });
  })(0);
})();
