// The slices of a CT: decoded from grey pictures, drawn through a window, with masks over them.
window.hichMakeSlices = function (data) {
  "use strict";
  var reference = data.reference;
  var width = data.size[0], height = data.size[1], pixels = width * height;

  // Code of a picture to HU, between the knots straight.
  var hu = new Float32Array(256);
  for (var code = 0; code < 256; code++) {
    var k = 0;
    while (k < data.knots[0].length - 2 && code > data.knots[0][k + 1]) k++;
    var c = data.knots[0], h = data.knots[1];
    hu[code] = h[k] + (code - c[k]) * (h[k + 1] - h[k]) / (c[k + 1] - c[k]);
  }

  // Slices as they are asked for. A grey picture holds codes in its low byte; one of masks holds
  // predicted structures as bits of its red, reference ones (from `reference` on) of its green.
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
      var values = new Uint16Array(pixels);
      for (var i = 0; i < pixels; i++) values[i] = rgba[4 * i] | rgba[4 * i + 1] << 8;
      return values;
    });
  }
  function slice(index) {
    if (!decoded.has(index)) {
      decoded.set(index, Promise.all([bytes(data.images[index]), bytes(data.masks[index])])
        .then(function (pair) { return { codes: pair[0], bits: pair[1], fills: {}, outlines: {} }; }));
    }
    return decoded.get(index);
  }

  function drawScan(canvas, shown, window) {
    var low = window.level - window.width / 2, grey = new Uint32Array(256);
    for (var code = 0; code < 256; code++) {
      var value = Math.round(Math.min(1, Math.max(0, (hu[code] - low) / window.width)) * 255);
      grey[code] = 0xff000000 | value << 16 | value << 8 | value;
    }
    var context = canvas.getContext("2d");
    var picture = context.createImageData(width, height);
    var words = new Uint32Array(picture.data.buffer);
    for (var i = 0; i < pixels; i++) words[i] = grey[shown.codes[i] & 255];
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
      var rgb = data.colours[bit % reference];
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

  // Draw masks, of which `bits` are on, to fill a context: predicted as areas, reference as edges.
  function drawMasks(context, shown, bits, opacity, ratio) {
    var w = context.canvas.width, h = context.canvas.height;
    context.imageSmoothingEnabled = false;
    if (!shown.bits) return;
    bits.filter(function (bit) { return bit < reference && any(shown, bit); }).forEach(function (bit) {
      context.globalAlpha = opacity;
      context.drawImage(fill(shown, bit), 0, 0, w, h);
    });
    context.globalAlpha = 1;
    bits.filter(function (bit) { return bit >= reference && any(shown, bit); }).forEach(function (bit) {
      var scaled = new Path2D();
      scaled.addPath(outline(shown, bit), new DOMMatrix([w / width, 0, 0, h / height, 0, 0]));
      context.lineWidth = 3 * ratio;
      context.strokeStyle = "rgba(0, 0, 0, 0.55)";
      context.stroke(scaled);
      context.lineWidth = 1.5 * ratio;
      context.strokeStyle = "rgb(" + data.colours[bit % reference].join(",") + ")";
      context.stroke(scaled);
    });
  }
  function drawLine(context, points, colour, thick, dashes) {
    context.beginPath();
    points.forEach(function (point, i) { context[i ? "lineTo" : "moveTo"](point[0], point[1]); });
    context.lineWidth = thick;
    context.setLineDash(dashes);
    context.strokeStyle = colour;
    context.stroke();
  }

  return {
    data: data, hu: hu, load: slice, drawScan: drawScan, drawMasks: drawMasks, drawLine: drawLine
  };
};
(function () {
  "use strict";
  var source = document.getElementById("data");
  if (source) window.hichSlices = window.hichMakeSlices(JSON.parse(source.textContent));
})();
