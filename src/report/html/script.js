(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));

  const theme = document.getElementById("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
  press(theme, isDark());
  prefersDark.addEventListener("change", () => press(theme, isDark()));
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    press(theme, isDark());
  });

  for (const figure of all("figure")) {
    const scales = all("button[data-show]", figure);
    for (const button of scales) {
      button.addEventListener("click", () => {
        for (const other of scales) press(other, other === button);
        for (const picture of all("[data-scale]", figure)) picture.hidden = picture.dataset.scale !== button.dataset.show;
      });
    }
    for (const button of all("button[data-series]", figure)) {
      button.disabled = false;
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        press(button, on);
        for (const group of all(`[data-scale] .k${button.dataset.series}`, figure)) group.classList.toggle("off", !on);
      });
    }
    for (const svg of all("[data-scale] svg", figure)) follow(svg);
  }

  // What the curve nearest to the pointer says there; elsewhere the titles of the marks do.
  function follow(svg) {
    const curves = all("polyline[data-tips]", svg).map((line) => ({
      group: line.closest(".series"),
      points: [...line.points],
      tips: line.dataset.tips.split("|"),
    }));
    if (!curves.length) return;
    const tip = document.getElementById("tip");
    const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    ring.setAttribute("class", "ring");
    ring.setAttribute("r", "6");
    const hide = () => {
      tip.hidden = true;
      ring.remove();
    };
    svg.addEventListener("pointermove", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      let best = null;
      for (const { group, points, tips } of curves) {
        if (group.classList.contains("off")) continue;
        points.forEach((point, place) => {
          const distance = Math.hypot(point.x - at.x, point.y - at.y);
          if (tips[place] && (!best || distance < best.distance)) best = { distance, point, text: `${name(group)}${tips[place]}` };
        });
      }
      if (!best || best.distance > 60) return hide();
      ring.setAttribute("cx", best.point.x);
      ring.setAttribute("cy", best.point.y);
      svg.append(ring);
      tip.textContent = best.text;
      tip.hidden = false;
      const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
      tip.style.left = `${Math.max(8, left)}px`;
      tip.style.top = `${Math.max(8, event.clientY - tip.offsetHeight - 12)}px`;
    });
    svg.addEventListener("pointerleave", hide);
  }

  function name(group) {
    const [first] = (group.dataset.name || "").split(": ");
    return first && first !== "served" ? `${first}: ` : "";
  }

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
})();
