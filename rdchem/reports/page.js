"use strict";
// Filters over the exception list on the screen. Without this script, and in print, everything is shown.
(() => {
  const exceptions = [...document.querySelectorAll(".exception")];
  if (exceptions.length < 2) return;
  const bar = document.createElement("div");
  bar.className = "filters";
  bar.setAttribute("role", "search");
  const shown = document.createElement("output");

  const labelled = (text, control) => {
    const label = document.createElement("label");
    label.append(text + " ", control);
    bar.append(label);
    return control;
  };
  const choice = (text, name) => {
    const select = document.createElement("select");
    const values = [...new Set(exceptions.map((one) => one.dataset[name]))];
    for (const value of ["", ...values]) select.add(new Option(value || "全部", value));
    return labelled(text, select);
  };
  const type = choice("类型", "type");
  const severity = choice("等级", "severity");
  const search = labelled("查找", Object.assign(document.createElement("input"), { type: "search" }));
  bar.append(shown);

  const apply = () => {
    const words = search.value.trim().toLowerCase();
    let count = 0;
    for (const enterprise of document.querySelectorAll(".enterprise")) {
      const title = enterprise.querySelector("h3").textContent.toLowerCase();
      let any = false;
      for (const one of enterprise.querySelectorAll(".exception")) {
        const text = title + one.textContent.toLowerCase();
        const wanted = (!type.value || one.dataset.type === type.value)
          && (!severity.value || one.dataset.severity === severity.value)
          && text.includes(words);
        one.classList.toggle("out", !wanted);
        any ||= wanted;
        count += wanted ? 1 : 0;
      }
      enterprise.classList.toggle("out", !any);
    }
    shown.textContent = `显示 ${count} / ${exceptions.length} 项`;
  };
  for (const control of [type, severity, search]) control.addEventListener("input", apply);
  document.querySelector("#exceptions .hint").after(bar);
  apply();
})();
