"use strict";
// Answering from the keyboard. The fields of the plain form are filled in, so what is sent is what a browser without this sends.
{
  const form = find(".answering");
  const field = find(".card .filter input");
  const choices = findAll(".choice");
  const selects = form ? [...form.querySelectorAll("select[name=code]")] : [];
  const kinds = form ? [...form.querySelectorAll("input[name=no_code]")] : [];
  let lit = null; // the code that Enter takes

  const listChosen = () => selects.map((one) => one.value).filter(Boolean);
  const listFitting = () => choices.filter((one) => !one.hidden);

  const makeChip = (number) => {
    const chip = document.createElement("li");
    const drop = document.createElement("button");
    drop.type = "button";
    drop.dataset.number = number;
    drop.textContent = [...selects[0].options].find((one) => one.value === number).text;
    chip.append(drop);
    return chip;
  };

  const show = () => {
    const chosen = listChosen();
    find(".chosen", form).replaceChildren(...chosen.map(makeChip));
    choices.forEach((one) => one.classList.toggle("taken", chosen.includes(one.dataset.number)));
    form.querySelectorAll(".unanswered, .full").forEach((one) => { one.hidden = true; });
  };

  const keep = (numbers) => {
    selects.forEach((one, index) => { one.value = numbers[index] || ""; });
    if (numbers.length) kinds.forEach((one) => { one.checked = !one.value; });
    show();
  };

  const light = (choice) => {
    lit?.classList.remove("lit");
    lit = choice || null;
    lit?.classList.add("lit");
    lit?.scrollIntoView({ block: "nearest" });
  };

  const narrow = () => {
    const asked = field.value.trim().toLowerCase();
    const parts = asked.split(/\s+/);
    const begins = (one) => one.dataset.number.startsWith(asked);
    const isNumber = asked && choices.some(begins);
    const fits = isNumber ? begins : (one) => parts.every((part) => one.dataset.found.includes(part));
    choices.forEach((one) => { one.hidden = !fits(one); });
    const fitting = listFitting();
    find(".card .nothing").hidden = fitting.length > 0;
    light(asked ? fitting.find((one) => one.dataset.number === asked) || fitting[0] : null);
  };

  const clear = () => { field.value = ""; narrow(); };

  const take = (choice) => {
    const chosen = listChosen(), number = choice.dataset.number;
    const isFull = chosen.length >= selects.length && !chosen.includes(number);
    if (!isFull) keep(chosen.includes(number) ? chosen.filter((one) => one !== number) : [...chosen, number]);
    find(".full", form).hidden = !isFull;
    clear();
    field.blur();
  };

  const drop = () => keep(listChosen().slice(0, -1));

  const write = (text) => { field.focus(); field.value = text; narrow(); };

  const save = () => {
    if (listChosen().length || kinds.some((one) => one.checked && one.value)) return form.requestSubmit();
    find(".unanswered", form).hidden = false;
  };

  const step = (by) => {
    const fitting = listFitting();
    light(fitting[Math.min(fitting.length - 1, Math.max(0, fitting.indexOf(lit) + by))]);
  };

  const inField = {
    Enter: () => { if (lit) take(lit); },
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
  };

  if (form) {
    form.classList.add("live");
    find(".chosen", form).hidden = false;
    find(".card .filter").hidden = false;
    [..."0123456789"].forEach((digit) => { keys[digit] = () => write(digit); });
    form.querySelectorAll("[data-key]").forEach((one) => { keys[one.dataset.key] = () => find("input", one).click(); });
    Object.assign(keys, { s: save, Backspace: drop });
    kinds.forEach((one) => one.addEventListener("change", () => { if (one.value) keep([]); }));
    field.addEventListener("input", narrow);
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return; // Enter takes what an input method proposes
      if (event.key === "Backspace" && !field.value) return drop();
      if (event.key === "Escape") return clear();
      if (event.ctrlKey || event.metaKey || !inField[event.key]) return;
      event.preventDefault();
      inField[event.key]();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      if (event.target === field && field.value && lit) take(lit);
      save();
    });
    form.addEventListener("click", (event) => {
      const chip = event.target.closest(".chosen button");
      if (chip) keep(listChosen().filter((one) => one !== chip.dataset.number));
    });
    find(".card").addEventListener("click", (event) => {
      const choice = event.target.closest(".choice");
      if (choice && !String(getSelection())) take(choice);
    });
    show();
  }

  if (find(".cases")) {
    const pick = (index) => {
      const row = document.activeElement.closest(".case") || find(".case");
      row?.querySelectorAll(".given")[index]?.click();
    };
    ["1", "2", "3", "4"].forEach((digit, index) => { keys[digit] = () => pick(index); });
    find(".case")?.focus({ preventScroll: true });
  }
}
