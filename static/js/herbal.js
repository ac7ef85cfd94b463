// The page of a herbal sheet: once a piece is chosen the grams are next, and Enter there adds it.
(() => {
  "use strict";

  document.addEventListener("chosen", (event) => {
    const grams = document.getElementById("id_dose");
    if (event.target.id !== "id_drug_text" || !grams) return;
    grams.focus();
    grams.select();
  });
})();
