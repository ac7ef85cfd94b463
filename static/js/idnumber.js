// A valid 18-digit resident ID number fills birth date and sex while they are empty.
// Where something else stands already, it says so and offers a button; nothing is overwritten
// silently. The server checks and fills again by itself. <form data-idnumber> carries the words
// (includes/idnumber_words.html) and, where they differ, data-male and data-female.
(() => {
  "use strict";

  const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const CHECKS = "10X98765432";

  const read = (text) => {
    const number = text.normalize("NFKC").replace(/\s/g, "").toUpperCase();
    if (!/^\d{17}[\dX]$/.test(number)) return null;
    const sum = WEIGHTS.reduce((total, weight, n) => total + weight * Number(number[n]), 0);
    if (CHECKS[sum % 11] !== number[17]) return null;
    const birth = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
    const date = new Date(`${birth}T00:00:00Z`);
    const years = (Date.now() - date.getTime()) / 31557600000;
    if (Number.isNaN(years) || date.toISOString().slice(0, 10) !== birth) return null;
    return years < 0 || years > 120 ? null : { birth, isMale: Number(number[16]) % 2 === 1 };
  };

  const valueOf = (field) => (field ? field.value.trim() : "");

  const setValue = (field, value) => {
    if (!field) return;
    field.value = value; // a group of radios (RadioNodeList) takes its value the same way
    if (field.classList) field.classList.add("is-filled");
    for (const one of field.classList ? [field] : field) one.dataset.skip = "filled"; // Enter goes on to the next gap
  };

  const attach = (form) => {
    const { id_number: number, id_type: type, birth_date: birth, sex } = form.elements;
    if (!number) return;
    const resident = form.dataset.resident || "resident";
    const words = form.dataset;
    const note = document.createElement("div");
    let checked = "";
    note.setAttribute("role", "status");
    number.insertAdjacentElement("afterend", note);

    const say = (text, className, label, action) => {
      note.className = text ? className : "";
      note.textContent = text || "";
      if (!label) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "row-act border-0 bg-transparent text-decoration-underline";
      button.textContent = label;
      button.addEventListener("click", action);
      note.append(" ", button);
    };

    // Why there is no document is asked only where there is none.
    const { no_id_reason: why } = form.elements;
    const askWhy = () => {
      why.disabled = valueOf(type) !== words.none && !why.value.trim();
    };
    if (why && type && words.none) {
      type.addEventListener("change", askWhy);
      askWhy();
    }

    const check = () => {
      // Leaving the field for the note's button must not draw that button anew.
      const typed = `${number.value}/${valueOf(type)}`;
      if (typed === checked) return undefined;
      checked = typed;
      const found = type && valueOf(type) !== resident ? null : read(number.value);
      if (!found) return say("");
      const wanted = (found.isMale ? words.male : words.female) || (found.isMale ? "male" : "female");
      const take = () => {
        setValue(birth, found.birth);
        setValue(sex, wanted);
        say(words.filled, "field-done");
      };
      const hasOther = (field, value) => valueOf(field) && valueOf(field) !== value;
      if (hasOther(birth, found.birth) || hasOther(sex, wanted)) {
        return say(words.differs, "field-error", words.take, take);
      }
      return take();
    };

    number.addEventListener("change", check);
    number.addEventListener("input", () => number.value.trim().length >= 18 && check());
    if (type && type.addEventListener) type.addEventListener("change", check);
  };

  document.querySelectorAll("form[data-idnumber]").forEach(attach);
})();
