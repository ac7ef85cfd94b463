// The change while the cashier types: what was handed over less what is left to pay in cash. The
// server works it out again; without this script "Work out the change" shows the same.
(() => {
  "use strict";

  const form = document.getElementById("pay");
  const shown = document.getElementById("change");
  if (!form || !shown) return;

  // Whole cents: 0.1 + 0.2 is no 0.3 here. NaN where it is no amount.
  const cents = (text) => {
    const plain = text.normalize("NFKC").replace(/[¥,\s]/g, "");
    if (plain === "") return 0;
    return /^\d{1,7}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : NaN;
  };

  const show = () => {
    const of = (name) => cents(form.elements[name].value);
    const others = of("wechat") + of("alipay") + of("card") + of("insurance");
    const change = of("cash") + others - cents(form.dataset.total);
    const isKnown = form.elements.cash.value.trim() !== "" && change >= 0 && change <= of("cash");
    shown.textContent = isKnown ? `¥${(change / 100).toFixed(2)}` : "–";
  };

  form.addEventListener("input", show);
  show();
})();
