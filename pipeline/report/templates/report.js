"use strict";
// Turns each player into one quiet button; without this script the browser's own players stay.
const format = (second) => `${Math.floor(second / 60)}:${String(Math.floor(second % 60)).padStart(2, "0")}`;
const players = [...document.querySelectorAll("audio")].map((audio) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "play";
  const show = () => {
    button.setAttribute("aria-label", audio.paused ? audio.dataset.play : audio.dataset.stop);
    button.setAttribute("aria-pressed", String(!audio.paused));
    button.textContent = (audio.paused ? "▶ " : "❚❚ ") + (audio.paused ? audio.dataset.at : format(audio.currentTime));
  };
  button.addEventListener("click", () => {
    if (!audio.paused) return audio.pause();
    players.forEach((other) => other !== audio && other.pause());
    return audio.play().catch(() => undefined);
  });
  ["play", "pause", "ended", "timeupdate"].forEach((name) => audio.addEventListener(name, show));
  audio.addEventListener("error", () => {
    const link = document.createElement("a");
    link.href = audio.getAttribute("src");
    link.textContent = audio.dataset.broken;
    button.replaceWith(link);
  });
  audio.controls = false;
  audio.after(button);
  show();
  return audio;
});
