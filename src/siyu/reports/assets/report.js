"use strict";
(function () {
  const root = document.documentElement;
  const charts = JSON.parse(document.getElementById("chart-data").textContent);
  const instances = new Map();
  const style = getComputedStyle(root);
  const color = (name) => style.getPropertyValue("--" + name).trim();
  const language = () => root.dataset.lang;
  const text = (value) => (typeof value === "string" ? value : value[language()]);
  const count = (value) => (Math.abs(value) < 10 && value % 1 ? value.toFixed(2) : Math.round(value).toLocaleString("en"));

  const pen = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;

  function widest(texts, size) {
    pen.font = size + "px " + family;
    return Math.max(0, ...texts.map((line) => Math.ceil(pen.measureText(line).width)));
  }

  // Labels take the room they need, up to a share of the width; what does not fit breaks, and rows grow with it.
  function base(host, rows, perRow, notes) {
    const narrow = host.clientWidth < 480;
    const labels = rows.map((row) => text(row.label));
    const most = Math.round(Math.min(host.clientWidth * (narrow ? 0.42 : 0.36), 300));
    const room = Math.min(widest(labels, 12.5) + 6, most);
    const lines = Math.max(1, ...labels.map((label) => Math.min(3, Math.ceil(widest([label], 12.5) / room))));
    host.style.height = rows.length * Math.max(perRow, lines * 15 + 12) + 34 + "px";
    const longest = lines < 3 ? Infinity : Math.floor((room / 6.5) * 1.9);
    return {
      animation: false,
      textStyle: { fontFamily: family, color: color("ink") },
      grid: { left: room + 10, right: Math.min(notes, most) + 14, top: 6, bottom: 4, containLabel: false },
      tooltip: {
        renderMode: "richText", confine: true, trigger: "item", backgroundColor: color("card"),
        borderColor: color("line"), textStyle: { color: color("ink"), fontSize: 13 },
      },
      xAxis: {
        type: "value", splitNumber: narrow ? 3 : 5, splitLine: { lineStyle: { color: color("line") } },
        axisLabel: { color: color("soft"), fontSize: 11, hideOverlap: true, showMinLabel: false, showMaxLabel: false },
      },
      yAxis: {
        type: "category", inverse: true, axisTick: { show: false }, axisLine: { show: false },
        data: labels.map((label) => (label.length > longest ? label.slice(0, longest) + "…" : label)),
        axisLabel: { color: color("ink"), fontSize: 12.5, width: room, overflow: "break", lineHeight: 15, align: "left", margin: room + 8 },
      },
    };
  }

  const shown = (row, fallback) => (row.note ? text(row.note) : fallback);
  const plural = (rows, write) => widest(rows.map((row) => shown(row, write(row))), 12);

  const note = (row, fallback) => ({
    show: true, position: "right", color: color("soft"), fontSize: 12, formatter: () => shown(row, fallback),
  });

  const kinds = {
    bars(host, chart) {
      const option = base(host, chart.rows, 34, plural(chart.rows, (row) => count(row.value)));
      option.xAxis.show = false;
      option.tooltip.formatter = (point) => text(chart.rows[point.dataIndex].label) + "\n" + count(point.value);
      option.series = [{
        type: "bar", barMaxWidth: 20, itemStyle: { color: color("accent"), borderRadius: [0, 5, 5, 0] }, barMinHeight: 2,
        data: chart.rows.map((row) => ({ value: row.value, label: note(row, count(row.value)) })),
      }];
      return option;
    },
    waterfall(host, chart) {
      const amount = (row) => (row.role === "loss" ? "−" : "") + count(row.value);
      const option = base(host, chart.rows, 34, plural(chart.rows, amount));
      const tint = { whole: "accent", loss: "gone", rest: "accent" };
      option.xAxis.show = false;
      option.xAxis.max = Math.max(...chart.rows.map((row) => row.start + row.value));
      option.tooltip.formatter = (point) => text(chart.rows[point.dataIndex].label) + "\n" + count(point.value);
      option.series = [
        { type: "bar", stack: "all", silent: true, itemStyle: { color: "transparent" }, data: chart.rows.map((row) => row.start) },
        {
          type: "bar", stack: "all", barMaxWidth: 20, barMinHeight: 2,
          data: chart.rows.map((row) => ({
            value: row.value, itemStyle: { color: color(tint[row.role]), borderRadius: 3 },
            label: note(row, amount(row)),
          })),
        },
      ];
      return option;
    },
    intervals(host, chart) {
      const option = base(host, chart.rows, 54, 10);
      const notes = plural(chart.rows, () => "");
      const roomy = host.clientWidth - option.grid.left - 24 > 2 * notes;
      option.grid.bottom = 24;
      option.xAxis.scale = !chart.zero;
      option.xAxis.axisLabel.formatter = (value) => String(value).replace("-", "−") + (chart.unit || "");
      if (chart.zero) {
        const ends = chart.rows.flatMap((row) => [row.low, row.high, 0]);
        const low = Math.min(...ends), high = Math.max(...ends), pad = (high - low) * 0.06 || 1;
        const trim = (value) => Number(value.toPrecision(2));
        option.xAxis.min = trim(low - pad);
        option.xAxis.max = trim(high + pad);
      }
      option.tooltip.formatter = (point) => text(chart.rows[point.data.row].label) + "\n" + text(chart.rows[point.data.row].note);
      const zero = chart.zero
        ? { markLine: { silent: true, z: 1, symbol: "none", data: [{ xAxis: 0 }], label: { show: false }, lineStyle: { color: color("ink"), type: "solid", width: 1 } } }
        : {};
      option.series = chart.rows.map((row, index) => ({
        type: "line", symbol: (value, point) => (point.dataIndex === 1 ? "circle" : "rect"),
        symbolSize: (value, point) => (point.dataIndex === 1 ? 12 : [2, 12]),
        lineStyle: { width: index || !chart.zero ? 2 : 4, color: color(row.soft ? "gone" : "accent") },
        itemStyle: { color: color(row.soft ? "gone" : "accent") },
        data: [row.low, row.value, row.high].map((value, place) => ({
          value: [value, index], row: index,
          label: {
            show: place === 1 && roomy, position: "top", color: color("soft"), backgroundColor: color("card"), padding: [0, 3],
            fontSize: 12, formatter: () => text(row.note),
          },
        })),
        ...(index ? {} : zero),
      }));
      return option;
    },
    lines(host, chart) {
      const option = base(host, [], 0, 0);
      const tall = host.clientWidth < 480 ? 250 : 300;
      host.style.height = tall + "px";
      host.style.maxWidth = "640px";
      const points = chart.rows.flatMap((row) => row.points);
      const reach = Math.max(...points.flat());
      const mark = (data) => ({
        silent: true, symbol: "none", animation: false, label: { show: false },
        lineStyle: { color: color("gone"), type: "dashed", width: 1.5 }, data,
      });
      const axis = (name, more) => ({
        type: "value", name: text(name), nameLocation: "middle", nameTextStyle: { color: color("soft"), fontSize: 12 },
        splitNumber: 4, splitLine: { lineStyle: { color: color("line") } }, axisLine: { show: false }, axisTick: { show: false },
        axisLabel: { color: color("soft"), fontSize: 11, hideOverlap: true, formatter: (value) => value.toLocaleString("en") }, ...more,
      });
      const edge = widest([Math.round(Math.max(...points.map((point) => point[1])) * 1.2).toLocaleString("en")], 11) + 34;
      option.xAxis = axis(chart.x, { nameGap: 26, min: 0, max: chart.diagonal ? Math.ceil(reach / 20) * 20 : "dataMax" });
      option.yAxis = axis(chart.y, { nameGap: edge - 14, min: 0, max: chart.diagonal ? Math.ceil(reach / 20) * 20 : null });
      option.grid = { left: edge, right: 16, top: chart.rows.length < 2 ? 12 : chart.rows.length > 2 && tall < 300 ? 58 : 34, bottom: 44 };
      if (chart.rows.length > 1) {
        option.legend = { top: 0, left: edge, itemWidth: 18, itemHeight: 8, itemGap: 14, textStyle: { color: color("ink"), fontSize: 12 } };
      }
      option.tooltip.formatter = (point) => point.seriesName + "\n" + point.value.map((one) => one.toLocaleString("en", { maximumFractionDigits: 1 })).join(" → ");
      const looks = [
        { color: "accent", width: 2.5, type: "solid", symbol: "circle" }, { color: "soft", width: 1.8, type: "solid", symbol: "rect" },
        { color: "soft", width: 1.8, type: "dotted", symbol: "triangle" },
      ];
      option.series = chart.rows.map((row, index) => {
        const look = looks[Math.min(index, looks.length - 1)];
        return {
          type: "line", name: text(row.label), data: row.points, symbol: look.symbol, symbolSize: index ? 5 : 7,
          lineStyle: { width: look.width, type: look.type, color: color(look.color) }, itemStyle: { color: color(look.color) },
          ...(index === 0 && chart.diagonal ? { markLine: mark([[{ coord: [0, 0] }, { coord: [option.xAxis.max, option.xAxis.max] }]]) } : {}),
          ...(index === 0 && chart.level !== null ? { markLine: mark([{ yAxis: chart.level }]) } : {}),
        };
      });
      return option;
    },
    columns(host, chart) {
      const option = base(host, [], 0, 0);
      host.style.height = "220px";
      option.yAxis = { ...option.xAxis, splitNumber: 3, axisLabel: { color: color("soft"), fontSize: 11 } };
      option.xAxis = {
        type: "category", data: chart.rows.map((row) => row.label), axisTick: { show: false },
        axisLine: { lineStyle: { color: color("line") } }, axisLabel: { color: color("soft"), fontSize: 11, hideOverlap: true },
      };
      const edge = widest([count(Math.max(...chart.rows.map((row) => row.value)) * 2)], 11) + 12;
      option.grid = { left: edge, right: 8, top: 14, bottom: 24 };
      option.tooltip.formatter = (point) => point.name + "\n" + count(point.value);
      option.series = [{ type: "bar", barMaxWidth: 24, itemStyle: { color: color("accent"), borderRadius: [3, 3, 0, 0] }, data: chart.rows.map((row) => row.value) }];
      return option;
    },
  };

  function draw() {
    for (const host of document.querySelectorAll("[data-chart]")) {
      const chart = charts[host.dataset.chart];
      const old = instances.get(host);
      if (old) old.dispose();
      if (!chart || !chart.rows.length) { host.hidden = true; continue; }
      const option = kinds[chart.kind](host, chart);
      const made = echarts.init(host, null, { renderer: "svg" });
      made.setOption(option);
      instances.set(host, made);
    }
    root.dataset.ready = "yes";
  }

  function speak(code) {
    root.dataset.lang = code;
    root.lang = code === "zh" ? "zh-Hans" : "en";
    document.title = document.getElementById("page-title").dataset[code];
    for (const button of document.querySelectorAll(".languages button")) {
      button.setAttribute("aria-pressed", String(button.dataset.code === code));
    }
    draw();
  }

  for (const button of document.querySelectorAll(".languages button")) {
    button.addEventListener("click", () => speak(button.dataset.code));
  }
  let timer = 0, width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(timer);
    timer = setTimeout(draw, 120);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  matchMedia("print").addEventListener("change", draw);
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details.more")) part.open = true;
    draw();
  });
  const asked = new URLSearchParams(location.search).get("lang") || location.hash.slice(1);
  speak(asked === "zh" || asked === "en" ? asked : root.dataset.lang);
})();
