"use strict";
(async function () {
  // ---- charts -------------------------------------------------------------------------------------------------
  const charts = [];
  document.querySelectorAll("[data-chart]").forEach(function (node) {
    const option = JSON.parse(document.querySelector('[data-option="' + node.dataset.chart + '"]').textContent);
    const draw = function () {
      const chart = echarts.init(node, null, { renderer: "svg" });
      chart.setOption(option);
      charts.push(chart);
    };
    draw();
  });
  window.addEventListener("resize", function () { charts.forEach(function (c) { c.resize(); }); });
  window.addEventListener("beforeprint", function () { charts.forEach(function (c) { c.resize({ width: 690 }); }); });
  window.addEventListener("afterprint", function () { charts.forEach(function (c) { c.resize({ width: "auto" }); }); });

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
  const BEFORE = "#F2A66B", AFTER = "#0072B2";
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
          "line-color": name === "difference" ? ["case", [">", ["get", "kt"], 0], "#0072B2", "#D55E00"] : "#444", "line-opacity": 0.8 } });
    });
  }
  const stateColour = ["match", ["get", "state"], "open", "#009E73", "restricted", "#E69F00", "closed", "#D55E00",
    "destroyed", "#7a1f00", "planned", "#56B4E9", "#999999"];
  add("crossings", { id: "crossings", data: points(data.crossings) }, { type: "circle",
    paint: { "circle-color": stateColour, "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, 2.5, 8, 6],
      "circle-stroke-color": "#222", "circle-stroke-width": 0.8 } });
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
  popup("crossings", function (p) {
    return [p.name, p.id + ", " + p.mode, "State: " + p.state_text, "Dwell low, central, high: " + p.dwell, "Source: " + p.source, "Evidence: " + p.evidence];
  });
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
  const toggle = function (label, ids, on) {
    ids.forEach(function (id) { map.setLayoutProperty(id, "visibility", on ? "visible" : "none"); });
    button(label, function (b) {
      const now = b.getAttribute("aria-pressed") !== "true";
      b.setAttribute("aria-pressed", now ? "true" : "false");
      ids.forEach(function (id) { map.setLayoutProperty(id, "visibility", now ? "visible" : "none"); });
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
    toggle("difference", ["flow-difference"], false); toggle("before", ["flow-before"], false); toggle("after", ["flow-after"], false);
  }
  group("Network"); toggle("crossings", ["crossings"], true); toggle("cities", ["zones", "zone-names"], true);
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
  if (data.flows) { entry("i", "border-color:#444", "flow, width by kilotonnes a year (difference: blue more, orange less)"); }
  const states = [["open", "#009E73"], ["restricted", "#E69F00"], ["closed", "#D55E00"], ["destroyed", "#7a1f00"], ["planned", "#56B4E9"], ["unknown", "#999999"]];
  const known = states.map(function (p) { return p[0]; });
  const used = new Set(data.crossings.map(function (c) { return known.includes(c.state) ? c.state : "unknown"; }));
  const shown = states.filter(function (p) { return used.has(p[0]); });
  if (shown.length) { key.append("Crossings, " + data.before + ":"); }
  shown.forEach(function (p) { entry("b", "background:" + p[1] + ";border-radius:50%", p[0]); });
  map.once("idle", function () { document.body.dataset.ready = "yes"; });
})();
