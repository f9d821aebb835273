"use strict";
// Keys, playing, and the turn that is being played. Every page works without it, but for playing.
const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const player = find("#player");
const audio = player && find("audio", player);
let pressed = null; // the button that began what is playing
let following = null; // the turn being played

const listRows = () => findAll(".row").filter((row) => row.offsetParent !== null);
const findRow = () => document.activeElement.closest(".row");

function move(step) {
  const rows = listRows();
  if (!rows.length) return;
  const at = rows.indexOf(findRow());
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function showPlaying() {
  findAll(".play.on").forEach((button) => button.classList.remove("on"));
  if (pressed && !audio.paused) pressed.classList.add("on");
}

function seek(second) {
  const go = () => { audio.currentTime = second; audio.play().catch(() => undefined); };
  if (audio.readyState > 0) go(); else audio.addEventListener("loadedmetadata", go, { once: true });
}

function play(button) {
  if (!audio) return;
  if (button === pressed && !audio.paused) return audio.pause();
  pressed = button;
  player.hidden = false;
  document.body.classList.add("playing-now");
  find(".broken", player).hidden = true;
  if (audio.getAttribute("src") !== button.dataset.src) {
    audio.src = button.dataset.src;
    audio.dataset.part = button.dataset.part;
    audio.load();
  }
  const row = button.closest(".quote");
  const link = row && find("a.main", row);
  const where = find(".playing", player);
  where.textContent = decodeURIComponent(button.dataset.src.split("/").slice(3).join("/"));
  where.href = link ? link.href : location.pathname;
  if (link && link.hasAttribute("hx-get") && !row.classList.contains("open")) link.click();
  seek(Number(button.dataset.second));
}

function follow() {
  const second = audio.currentTime;
  const shown = [...(pressed?.closest(".case") || document).querySelectorAll(".turn[data-start]")];
  const turns = shown.filter((turn) => turn.dataset.part === audio.dataset.part);
  const now = turns.findLast((turn) => Number(turn.dataset.start) <= second + 0.05) || null;
  if (now === following && (!now || now.classList.contains("now"))) return;
  findAll(".turn.now").forEach((turn) => turn.classList.remove("now"));
  following = now;
  if (!now) return;
  now.classList.add("now");
  if (!audio.paused) reveal(now);
}

function reveal(turn) {
  const panel = turn.closest(".panel");
  if (!panel) return turn.scrollIntoView({ block: "nearest" });
  panel.scrollTo({ top: turn.offsetTop - panel.clientHeight / 3, behavior: "smooth" });
}

function follows() {
  // The panel shows another call than the one that plays: nothing in it is being played.
  const shown = find("#transcript .call-head a");
  return !shown || !audio.src || audio.src.endsWith(shown.getAttribute("href").replace(/^\/calls/, ""));
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  Enter: () => { const row = findRow(); if (row === document.activeElement) find("a.main, .play", row)?.click(); },
  p: () => {
    const button = findRow() && find(".play", findRow());
    if (button && button !== pressed) play(button); else if (audio?.src) audio.paused ? audio.play() : audio.pause();
    else { const first = find(".play"); if (first) play(first); }
  },
  x: () => find(".pick", findRow() || document.createElement("i"))?.click(),
  e: () => find(".doing summary, .acts input:not([type=hidden]), .acts select")?.focus(),
  u: () => find("#undo")?.requestSubmit(),
  U: () => find("#redo")?.requestSubmit(),
  "[": () => find(".previous")?.click(),
  "]": () => find(".next")?.click(),
  "/": () => { const field = find(".filter input") || find(".search input"); field?.focus(); field?.select(); },
  "?": () => find("#help").showModal(),
};

document.addEventListener("keydown", (event) => {
  const isWriting = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
  if (event.key === "Escape" && isWriting) return event.target.blur();
  if (isWriting || event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]") || !keys[event.key]) return;
  if (event.key !== "Enter") event.preventDefault();
  keys[event.key]();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest(".play");
  if (button) return play(button);
  if (event.target.closest(".drops")) return dropPreview();
  if (event.target.closest(".asks-help")) return find("#help").showModal();
  if (event.target.closest("#player .close")) {
    audio.pause();
    player.hidden = true;
    return document.body.classList.remove("playing-now");
  }
  const row = event.target.closest(".row");
  if (row && !event.target.closest("a, button, input, label") && !String(getSelection())) find("a.main", row)?.click();
});

// What an act is looked at from: the place on the page to go back to.
let lookedFrom = null;

function dropPreview() {
  find("#preview").replaceChildren();
  if (!lookedFrom) return;
  scrollTo({ top: lookedFrom.top });
  lookedFrom.element.focus({ preventScroll: true });
  lookedFrom = null;
}

function countChecked() {
  const place = find(".checked .count");
  if (!place) return;
  const n = findAll(".pick:checked").length;
  place.textContent = n;
  place.closest("form").classList.toggle("empty-handed", !n);
}

function cross(box) {
  // On the split screen a sentence stands on the side it belongs to.
  const row = box.closest(".row");
  find(box.checked ? ".list.goes" : ".list.stays").prepend(row);
  findAll(".sides section").forEach((side) => { find(".count", side).textContent = findAll(".row", side).length; });
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

document.addEventListener("change", (event) => {
  if (event.target.matches(".crosses")) cross(event.target);
  if (event.target.matches(".pick")) countChecked();
});
countChecked();

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target.id === "preview" && !lookedFrom) lookedFrom = { top: scrollY, element: document.activeElement };
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "preview") event.detail.target.focus();
  if (event.detail.target.id !== "transcript") return;
  findAll(".quote.open").forEach((row) => row.classList.remove("open"));
  event.detail.requestConfig.elt.closest(".quote")?.classList.add("open");
  following = null;
  const asked = find("#transcript .asked");
  if (asked) event.detail.target.scrollTop = asked.offsetTop - event.detail.target.clientHeight / 3;
});

// What is worked out anew takes the place of what was shown; whoever stood on a row goes on standing on it.
let stood = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  const row = event.detail.target.id === "outlook" && findRow();
  stood = (row && find("a.main", row)?.getAttribute("href")) || "";
});
document.addEventListener("htmx:afterSettle", () => {
  if (stood) findAll(".row a.main").find((one) => one.getAttribute("href") === stood)?.closest(".row").focus();
  stood = "";
});

if (audio) {
  ["play", "pause", "ended"].forEach((name) => audio.addEventListener(name, showPlaying));
  audio.addEventListener("timeupdate", () => { if (follows()) follow(); });
  audio.addEventListener("error", () => { find(".broken", player).hidden = false; });
}
