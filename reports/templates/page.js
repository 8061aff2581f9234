// Makes the static page a viewer: one pair at a time, one slider per gallery, a light and a dark theme.
// Without this script the page is a contact sheet of all pairs, which is also what a printer gets.
"use strict";

function themeButton(button) {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => { button.textContent = isDark() ? "Light theme" : "Dark theme"; };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  system.addEventListener("change", show);
  button.hidden = false;
  show();
}

function comparison() {
  const figure = document.getElementById("compare").content.firstElementChild.cloneNode(true);
  const frame = figure.querySelector(".frame");
  const range = figure.querySelector("input");
  const place = () => {
    frame.style.setProperty("--at", `${range.value}%`);
    range.setAttribute("aria-valuetext", `infrared on the left ${range.value} percent`);
  };
  const follow = (event) => {
    const box = frame.getBoundingClientRect();
    range.value = Math.round((100 * (event.clientX - box.left)) / box.width);
    place();
  };
  range.addEventListener("input", place);
  frame.addEventListener("pointerdown", (event) => {
    frame.setPointerCapture(event.pointerId);
    follow(event);
  });
  frame.addEventListener("pointermove", (event) => {
    if (frame.hasPointerCapture(event.pointerId)) follow(event);
  });
  place();
  return figure;
}

function gallery(section) {
  const entries = [...section.querySelectorAll(".entry")];
  if (!entries.length) return () => {};
  const position = section.querySelector(".position");
  const compare = comparison();
  let current = 0;
  let method = null;

  const pick = (radio, infrared) => {
    radio.checked = true;
    compare.querySelector(".below").src = radio.parentElement.querySelector("img").src;
    compare.querySelector(".above").src = infrared.src;
    compare.querySelector(".chosen").textContent = radio.value;
  };

  const show = (index) => {
    current = (index + entries.length) % entries.length;
    entries.forEach((entry, i) => { entry.hidden = i !== current; });
    position.textContent = `${current + 1} of ${entries.length}`;
    const radios = [...entries[current].querySelectorAll("input[type=radio]")];
    compare.hidden = !radios.length;
    if (!radios.length) return;
    entries[current].querySelector(".stage").append(compare);
    // The method stays the same from pair to pair; the last one listed is usually the one to look at.
    const radio = radios.find((candidate) => candidate.value === method) ?? radios.at(-1);
    pick(radio, entries[current].querySelector(".reference img"));
  };

  section.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    method = event.target.value;
    show(current);
  });
  section.querySelector(".previous").addEventListener("click", () => show(current - 1));
  section.querySelector(".next").addEventListener("click", () => show(current + 1));
  section.querySelector(".pager").hidden = false;
  show(0);
  return (step) => show(current + step);
}

function arrowKeys(galleries) {
  let latest = galleries.keys().next().value;
  document.addEventListener("focusin", (event) => {
    latest = event.target.closest(".gallery") ?? latest;
  });
  document.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // Inside a slider, a choice or a scrolling table the arrows keep their own meaning.
    const taken = event.target.closest("input, .scroll") || event.altKey || event.ctrlKey || event.metaKey;
    if (!step || taken || !latest) return;
    event.preventDefault();
    galleries.get(latest)(step);
  });
}

themeButton(document.querySelector(".theme"));
arrowKeys(new Map([...document.querySelectorAll(".gallery")].map((section) => [section, gallery(section)])));
document.documentElement.dataset.ready = "true";
