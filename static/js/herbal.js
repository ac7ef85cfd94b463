// The page of a herbal sheet: Enter in the line above goes to the piece, once a piece is chosen the
// grams are next, and Enter there adds it. All of it is one form, so nothing is saved on the way.
(() => {
  "use strict";

  const goTo = (id) => {
    const field = document.getElementById(id);
    if (!field) return false;
    field.focus();
    field.select();
    return true;
  };

  document.addEventListener("chosen", (event) => {
    if (event.target.id === "id_drug_text") goTo("id_dose");
  });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.key !== "Enter") return;
    if (/^id_(doses|method|usage)$/.test(event.target.id) && goTo("id_drug_text")) event.preventDefault();
  });
})();
