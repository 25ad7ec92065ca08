"use strict";
(async function () {
  // ---- charts -------------------------------------------------------------------------------------------------
  // Title, legend and source have rows of their own in every picture, as many as the width asks for; what they need
  // beyond the room the picture left for them makes it higher. On a phone panels stand one below the other; a large
  // heat map and a flow of money keep their width and are scrolled.
  const NARROW = 600, WIDE = 760;
  const ruler = document.createElement("canvas").getContext("2d");
  const wrapped = function (text, font, width) { // rows of at most this width, broken at spaces and after hyphens
    ruler.font = font + "px sans-serif";
    const rows = [""];
    (text || "").split(/(?<=[ -])/).forEach(function (word) {
      const longer = rows[rows.length - 1] + word;
      if (ruler.measureText(longer.trim()).width <= width || !rows[rows.length - 1]) { rows[rows.length - 1] = longer; } else { rows.push(word); }
    });
    return rows.map(function (row) { return row.trim(); });
  };
  const list = function (x) { return x === undefined ? [] : Array.isArray(x) ? x : [x]; };
  const oneColumn = function (grids) { // how much higher the picture gets
    const tops = grids.map(function (g) { return g.top; }), rows = Array.from(new Set(tops)).sort(function (a, b) { return a - b; });
    if (rows.length === tops.length) { return 0; }
    const step = rows.length > 1 ? rows[1] - rows[0] : grids[0].height + 80;
    grids.forEach(function (g, k) { g.top = rows[0] + k * step; g.left = 60; g.right = 14; delete g.width; });
    return (grids.length - rows.length) * step;
  };
  const fitAxes = function (o, grids, seen, height) { // words at the axes in rows; how much higher the picture gets
    let more = 0;
    const broken = function (axis, width, size) {
      const rows = function (word) { return wrapped(word, String(size), width); };
      axis.axisLabel = Object.assign({}, axis.axisLabel, { interval: 0, fontSize: size, lineHeight: size + 1, formatter: function (word) { return rows(word).join("\n"); } });
      return Math.max.apply(null, axis.data.map(function (word) { return rows(String(word.value || word)).length; }));
    };
    list(o.xAxis).forEach(function (a) {
      if (a.type === "value") { a.splitNumber = 3; }
      if (a.type === "category" && a.data.length < 7) { broken(a, (seen - 90) / a.data.length - 4, 9); } else { a.axisLabel = Object.assign({}, a.axisLabel, { hideOverlap: true }); }
    });
    list(o.yAxis).filter(function (a) { return a.type === "category" && a.data.length; }).forEach(function (a) {
      const rows = broken(a, 112, 10);
      if (grids.length === 1) { more = Math.max(more, a.data.length * (11 * rows + 5) - (height - 140)); }
    });
    grids.forEach(function (g) {
      if (g.containLabel || g.right < 60) { g.right = Math.min(g.right, 24); }
      if (g.left > 120) { g.left = 120; }
    });
    return more;
  };
  const fitted = function (option, seen, height) { // the option for a picture seen `seen` pixels wide, and what it needs more in height
    const o = structuredClone(option), title = o.title[0], source = o.title[1], narrow = seen < NARROW;
    const heads = wrapped(title.text, "bold 15", seen - 12), units = wrapped(title.subtext, "12", seen - 12);
    const feet = wrapped(source.text, "10", seen - 12);
    title.text = heads.join("\n"); title.subtext = units.join("\n"); source.text = feet.join("\n");
    Object.assign(title, { padding: 2, itemGap: 4 }); Object.assign(source, { padding: 2 });
    title.textStyle.lineHeight = 19; title.subtextStyle.lineHeight = 15; source.textStyle.lineHeight = 13;
    let top = 19 * heads.length + (title.subtext ? 4 + 15 * units.length : 0) + 8;
    list(o.legend).concat(list(o.visualMap)).forEach(function (key) {
      Object.assign(key, { top: top, left: 0, padding: 2 }); delete key.right;
      top += 26;
    });
    list(o.legend).forEach(function (key) { key.type = "scroll"; });
    if (list(o.yAxis).some(function (a) { return a.name; })) { top += 18; }
    const grids = list(o.grid);
    let more = narrow && grids.length > 1 ? oneColumn(grids) : 0;
    const parts = o.series.some(function (s) { return s.type === "sankey"; }) ? o.series : grids;
    const down = top + 10 - Math.min.apply(null, parts.map(function (p) { return p.top; }));
    const up = 13 * (feet.length - 1);
    parts.forEach(function (p) { p.top += down; if (typeof p.bottom === "number") { p.bottom += up; } });
    if (narrow) { more += fitAxes(o, grids, seen, height); }
    return [o, more + down + up];
  };
  const pictures = Array.from(document.querySelectorAll("[data-chart]"), function (node) {
    const option = JSON.parse(document.querySelector('[data-option="' + node.dataset.chart + '"]').textContent);
    const height = parseFloat(node.style.height), wide = option.series.some(function (s) { return s.type === "sankey" || s.type === "heatmap" && option.xAxis.data.length > 8; });
    let chart = null;
    return function (width) { // draws at this width, or at that of the page
      const seen = width || node.parentNode.clientWidth, [fit, more] = fitted(option, seen, height);
      node.style.minWidth = wide && !width ? WIDE + "px" : "";
      node.style.height = height + more + "px";
      if (!chart) { chart = echarts.init(node, null, { renderer: "svg" }); }
      chart.resize({ width: width || "auto", height: height + more });
      chart.setOption(fit, true);
    };
  });
  const drawAll = function (width) { pictures.forEach(function (draw) { draw(width); }); };
  drawAll();
  window.addEventListener("resize", function () { drawAll(); });
  window.addEventListener("beforeprint", function () { drawAll(690); });
  window.addEventListener("afterprint", function () { drawAll(); });

  // ---- sortable tables ----------------------------------------------------------------------------------------
  document.querySelectorAll("table").forEach(function (table) {
    table.querySelectorAll("th").forEach(function (th, k) {
      let up = false;
      th.addEventListener("click", function () {
        up = !up;
        const value = function (row) {
          const cell = row.children[k];
          return cell.dataset.v !== undefined ? parseFloat(cell.dataset.v) : cell.textContent;
        };
        const rows = Array.from(table.tBodies[0].rows).sort(function (a, b) {
          const x = value(a), y = value(b);
          return (x > y ? 1 : x < y ? -1 : 0) * (up ? 1 : -1);
        });
        table.tBodies[0].append(...rows);
      });
    });
  });

  // ---- map ----------------------------------------------------------------------------------------------------
  const text = document.getElementById("layers").textContent;
  const bytes = Uint8Array.from(atob(text), function (c) { return c.charCodeAt(0); });
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const data = JSON.parse(await new Response(stream).text());
  if (!data.center) { return; }
  const line = function (flat) { // delta-coded thousandths of a degree: lon, lat, dlon, dlat, …
    const out = []; let x = 0, y = 0;
    for (let i = 0; i < flat.length; i += 2) { x += flat[i]; y += flat[i + 1]; out.push([x / 1000, y / 1000]); }
    return out;
  };
  const feature = function (geometry, properties) { return { type: "Feature", geometry: geometry, properties: properties || {} }; };
  const lines = function (list, props) {
    return { type: "FeatureCollection", features: list.map(function (f, i) {
      return feature({ type: "LineString", coordinates: line(f) }, props ? props[i] : {});
    }) };
  };
  const points = function (list) {
    return { type: "FeatureCollection", features: list.map(function (p) {
      return feature({ type: "Point", coordinates: [p.lon, p.lat] }, p);
    }) };
  };
  const BEFORE = "#F2A66B", AFTER = "#0072B2", MORE = "#009E73", LESS = "#CC79A7", FADED = 0.35;
  let map;
  try {
    map = new maplibregl.Map({
      container: "map", center: data.center, zoom: data.zoom, attributionControl: false, renderWorldCopies: false,
      canvasContextAttributes: { preserveDrawingBuffer: true }, // so that the map is printed
      style: { version: 8, sources: {}, layers: [{ id: "sea", type: "background", paint: { "background-color": "#dfe9ef" } }] }
    });
  } catch (error) {
    document.getElementById("map").textContent = "The map needs WebGL, which this browser does not offer; the ways are in the tables below.";
    return;
  }
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }));
  await new Promise(function (done) { map.on("load", done); });
  const add = function (id, source, layer) {
    if (!map.getSource(source.id)) { map.addSource(source.id, { type: "geojson", data: source.data }); }
    map.addLayer(Object.assign({ id: id, source: source.id }, layer));
  };
  add("land", { id: "land", data: data.outline }, { type: "fill", paint: { "fill-color": "#f7f5f0" } });
  add("coast", { id: "land" }, { type: "line", paint: { "line-color": "#b9b4a8", "line-width": 0.7 } });
  const thin = ["interpolate", ["linear"], ["zoom"], 3, 0.3, 7, 1.1, 10, 2];
  add("sea-lanes", { id: "sea-lanes", data: lines(data.network.sea) }, { type: "line", paint: { "line-color": "#b4cbd9", "line-width": 0.5, "line-opacity": ["interpolate", ["linear"], ["zoom"], 3, 0.35, 6, 0.8] } });
  add("road", { id: "road", data: lines(data.network.road) }, { type: "line", paint: { "line-color": "#c9b8a6", "line-width": thin } });
  add("rail", { id: "rail", data: lines(data.network.rail) }, { type: "line", paint: { "line-color": "#8a8f96", "line-width": thin } });
  // the way before is a wide pale band below the way after, so that both show where they run together
  const way = function (name, colour, from, to) {
    add("way-" + name, { id: "way-" + name, data: lines(data.ways[name].lines, data.ways[name].properties) },
      { type: "line", layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 3, from, 8, to] } });
  };
  way("before", BEFORE, 5.5, 12);
  way("after", AFTER, 2.2, 5);
  if (data.flows) {
    ["difference", "before", "after"].forEach(function (name) {
      add("flow-" + name, { id: "flow-" + name, data: lines(data.flows[name].lines, data.flows[name].properties) },
        { type: "line", layout: { visibility: "none", "line-cap": "round" }, paint: {
          "line-width": ["interpolate", ["linear"], ["sqrt", ["abs", ["get", "kt"]]], 0, 0.4, 10, 1.2, 100, 6, 300, 14],
          "line-color": name === "difference" ? ["case", [">", ["get", "kt"], 0], MORE, LESS] : "#444", "line-opacity": 0.8 } });
    });
  }
  const stateColour = ["match", ["get", "state"]].concat(Object.entries(data.states).flat(), [data.states.unknown]);
  // what is planned is a ring below the others, so that it hides no crossing beside it
  const planned = ["==", ["get", "state"], "planned"];
  const size = function (more) { return ["interpolate", ["linear"], ["zoom"], 3, 2.5 + more / 2, 8, 6 + more]; };
  add("planned", { id: "crossings", data: points(data.crossings) }, { type: "circle", filter: planned,
    paint: { "circle-color": "#fff", "circle-radius": size(4), "circle-stroke-color": stateColour, "circle-stroke-width": 2.5 } });
  add("crossings", { id: "crossings" }, { type: "circle", filter: ["!", planned],
    paint: { "circle-color": stateColour, "circle-radius": size(0), "circle-stroke-color": "#222", "circle-stroke-width": 0.8 } });
  add("zones", { id: "zones", data: points(data.zones) }, { type: "circle",
    paint: { "circle-color": "#fff", "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, 1.8, 8, 4],
      "circle-stroke-color": "#111", "circle-stroke-width": 1.2 } });
  add("zone-names", { id: "zones" }, { type: "symbol", minzoom: 3, layout: { "text-field": ["get", "name"], "text-size": 12,
    "text-anchor": "left", "text-offset": [0.6, 0], "text-optional": true, "symbol-sort-key": ["-", 0, ["get", "population_k"]] },
    paint: { "text-color": "#222", "text-halo-color": "#fff", "text-halo-width": 1.4 } });
  const popup = function (layer, body) {
    map.on("click", layer, function (e) {
      const box = document.createElement("div");
      body(e.features[0].properties).forEach(function (t, i) {
        const p = document.createElement(i === 0 ? "b" : "div"); p.textContent = t; box.append(p);
      });
      new maplibregl.Popup({ closeButton: true }).setLngLat(e.lngLat).setDOMContent(box).addTo(map);
    });
    map.on("mouseenter", layer, function () { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, function () { map.getCanvas().style.cursor = ""; });
  };
  ["planned", "crossings"].forEach(function (layer) { popup(layer, function (p) {
    return [p.name, p.id + ", " + p.mode, "State: " + p.state_text, "Dwell low, central, high: " + p.dwell, "Source: " + p.source, "Evidence: " + p.evidence];
  }); });
  ["before", "after"].forEach(function (name) { popup("way-" + name, function (p) { return [p.label, p.text]; }); });

  // ---- what the map shows -------------------------------------------------------------------------------------
  const root = document.getElementById("mapbar");
  let bar = root;
  const group = function (title) {
    bar = document.createElement("span"); bar.className = "group"; bar.append(title); root.append(bar);
  };
  const button = function (label, act, pressed) {
    const b = document.createElement("button"); b.type = "button"; b.textContent = label;
    if (pressed !== null) { b.setAttribute("aria-pressed", pressed ? "true" : "false"); }
    b.addEventListener("click", function () { act(b); }); bar.append(b); return b;
  };
  const seen = function (ids, on) {
    ids.forEach(function (id) { map.setLayoutProperty(id, "visibility", on ? "visible" : "none"); });
    const flows = ["difference", "before", "after"].some(function (n) {
      return map.getLayer("flow-" + n) && map.getLayoutProperty("flow-" + n, "visibility") === "visible";
    });
    ["before", "after"].forEach(function (n) { map.setPaintProperty("way-" + n, "line-opacity", flows ? FADED : 1); });
  };
  const toggle = function (label, ids, on) {
    seen(ids, on);
    button(label, function (b) {
      const now = b.getAttribute("aria-pressed") !== "true";
      b.setAttribute("aria-pressed", now ? "true" : "false");
      seen(ids, now);
    }, on);
  };
  const names = Array.from(new Set(data.ways.after.properties.concat(data.ways.before.properties).map(function (p) { return p.way; })));
  const pick = document.createElement("select"); pick.setAttribute("aria-label", "Named way");
  ["all ways"].concat(names).forEach(function (n) { const o = document.createElement("option"); o.textContent = n; pick.append(o); });
  pick.addEventListener("change", function () {
    const filter = pick.value === "all ways" ? null : ["==", ["get", "way"], pick.value];
    ["before", "after"].forEach(function (n) { map.setFilter("way-" + n, filter); });
  });
  group("Ways"); bar.append(pick);
  toggle("before", ["way-before"], true);
  toggle("after", ["way-after"], true);
  if (data.flows) {
    group("Flows");
    toggle("difference", ["flow-difference"], true); toggle("before", ["flow-before"], false); toggle("after", ["flow-after"], false);
  }
  group("Network"); toggle("crossings", ["crossings", "planned"], true); toggle("cities", ["zones", "zone-names"], true);
  toggle("rail", ["rail"], true); toggle("road", ["road"], true); toggle("sea lanes", ["sea-lanes"], true);
  group("Zoom to");
  (data.views || []).forEach(function (v) { button(v.name, function () { map.jumpTo({ center: v.center, zoom: v.zoom }); }, null); });
  const key = document.getElementById("legend");
  const entry = function (mark, style, text) {
    const s = document.createElement("span"), m = document.createElement(mark);
    m.setAttribute("style", style); s.append(m, text); key.append(s);
  };
  entry("i", "border-color:" + BEFORE + ";border-top-width:8px", "least-cost way, " + data.before);
  entry("i", "border-color:" + AFTER, "least-cost way, " + data.after);
  entry("i", "border-color:#8a8f96;border-top-width:2px", "rail"); entry("i", "border-color:#c9b8a6;border-top-width:2px", "road");
  entry("i", "border-color:#b4cbd9;border-top-width:2px", "sea lane");
  if (data.flows) {
    entry("i", "border-color:" + MORE, "more flow after"); entry("i", "border-color:" + LESS, "less flow after");
    entry("i", "border-color:#444", "flow; width of flow lines by kilotonnes a year");
  }
  const states = Object.keys(data.states);
  const used = new Set(data.crossings.map(function (c) { return states.includes(c.state) ? c.state : "unknown"; }));
  const shown = states.filter(function (s) { return used.has(s); });
  if (shown.length) { key.append("Crossings, " + data.before + ":"); }
  shown.forEach(function (s) {
    const colour = data.states[s];
    entry("b", "border-radius:50%;" + (s === "planned" ? "background:#fff;border:2.5px solid " : "background:") + colour, s.replaceAll("_", " "));
  });
  map.once("idle", function () { document.body.dataset.ready = "yes"; });
})();
