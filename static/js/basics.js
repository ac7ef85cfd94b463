// The basic information form: "none" takes the other answers of its part out, and any of them takes
// "none" out; the buttons that fill in "none" need no round trip. Without this script the server
// does the same and says what contradicts itself.
(() => {
  "use strict";

  const form = document.querySelector("form.basics");
  if (!form) return;
  const RELATIVES = ["father", "mother", "sibling", "child"];
  const NO_CODE = ["exposure", "disability"]; // of these "none" is the first of the list
  const PARTS = ["disease", "surgery", "trauma", "transfusion", ...RELATIVES, "genetic"];
  const ILL = PARTS.slice(0, 4);

  const fields = [...form.querySelectorAll("input, select")].filter((f) => f.type !== "hidden");
  const namesOf = (part) => {
    if (RELATIVES.includes(part)) return [`family_${part}`];
    return part === "disease" ? ["disease", "other"] : [part];
  };
  const isOf = (field, part) =>
    namesOf(part).some((name) => field.name === name || field.name.startsWith(`${name}_`));
  const isFilled = (field) => (field.matches("[type=checkbox]") ? field.checked : field.value.trim() !== "");
  const answers = (part) => fields.filter((field) => isOf(field, part));
  const none = (part) => form.elements[`none_${part}`];
  const coded = (name) => fields.filter((field) => field.name === name);
  const answer = (value) => coded("histories").find((tile) => tile.value === value);

  // Of what is typed nothing is thrown away; ticks are taken out.
  const clear = (part) => answers(part).forEach((field) => (field.checked = false));

  const agree = (changed) => {
    for (const name of NO_CODE) {
      if (changed.name !== name || !changed.checked) continue;
      const isNone = changed.value === "1";
      coded(name).forEach((box) => box !== changed && (isNone || box.value === "1") && (box.checked = false));
    }
    for (const part of PARTS) {
      if (changed === none(part) && changed.checked) clear(part);
      if (isOf(changed, part) && isFilled(changed)) none(part).checked = false;
    }
    if (changed.name === "histories" && changed.value === "denied") {
      ILL.forEach((part) => {
        clear(part);
        none(part).checked = !answers(part).some(isFilled);
      });
    }
    if (ILL.some((part) => isOf(changed, part)) && isFilled(changed)) answer("has").checked = true;
  };

  const fill = (which) => {
    if (which === "rest") {
      NO_CODE.forEach((name) => {
        if (!coded(name).some(isFilled)) coded(name)[0].checked = true;
      });
      const isAsked = coded("histories").some((tile) => tile.checked);
      if (!isAsked && !ILL.some((part) => answers(part).some(isFilled))) answer("denied").checked = true;
    }
    (which === "rest" ? PARTS : RELATIVES).forEach((part) => {
      if (!answers(part).some(isFilled)) none(part).checked = true;
    });
  };

  form.addEventListener("change", (event) => agree(event.target));
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    event.preventDefault();
    fill(button.dataset.fill);
  });
})();
