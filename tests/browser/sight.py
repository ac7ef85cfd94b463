"""What eyes and hands meet on a page: its main action, sizes, words left in Chinese."""

import gettext
from functools import cache
from urllib.parse import urlsplit

from django.urls import resolve

from tests.browser.people import Person
from tests.test_translations import PO, flat

# A clinic's 1366 x 768 screen leaves this for the page.
MAIN_ACTION = """() => {
  const seen = e => e.getClientRects().length > 0 && !e.closest('dialog:not([open])');
  const keyed = Array.from(document.querySelectorAll('#work [data-key="F9"]')).filter(seen);
  const first = Array.from(document.querySelectorAll('#work .btn-primary')).filter(seen);
  const main = keyed[0] || first[0];
  if (!main) return null;
  const at = main.getBoundingClientRect();
  const inside = at.top >= 0 && at.left >= 0 && at.bottom <= innerHeight + 1
      && at.right <= innerWidth + 1;
  return inside ? null : main.innerText.trim() + ' ' + Math.round(at.top) + '-'
      + Math.round(at.bottom) + ' of ' + innerHeight;
}"""
# Half a pixel less than 40: rounding of rem at other zooms.
SMALL = """least => {
  const kinds = 'button, summary, select, textarea, input, a.btn, a.row-act, nav a, header a';
  const out = [];
  for (const e of document.querySelectorAll(kinds)) {
    if (!e.getClientRects().length || e.disabled || e.type === 'hidden') continue;
    if (e.closest('.skip, .visually-hidden') || getComputedStyle(e).opacity === '0') continue;
    let tall = e.getBoundingClientRect().height;
    if (e.type === 'checkbox' || e.type === 'radio') {
      for (const label of e.labels) tall = Math.max(tall, label.getBoundingClientRect().height);
    }
    if (tall > 1 && tall < least) {
      out.push((e.innerText || e.name || e.tagName).trim().slice(0, 20) + ' ' + tall.toFixed(1));
    }
  }
  return Array.from(new Set(out)).slice(0, 6).join(', ') || null;
}"""
# What the clinic itself wrote, or the library holds, and our messages happen to say as well.
DATA = set(
    "西药 中成药 中药饮片 饮片 注射剂 其他 呼吸 输液 儿科 药房 演示数据 一般诊疗费 男 女 有 无 否"
    " 非限制使用级 限制使用级 特殊使用级 精二 高血压 体温 血压 过敏性休克 药名不详 否认过敏史"
    " 个人信息使用告知 挂号费 诊查费 次 皮试 严重 禁忌 注意 换药 荨麻疹".split()
)
# Cells of files that people brought, names of the national data sets, a sheet as it is printed.
OF_FILES = {
    "paper_layout",
    "data_sets",
    "patient_import_show",
    "drug_import_show",
    "fee_import_show",
}
TEXTS = """() => {
  if (document.documentElement.lang.startsWith('zh')) return [];  // paper, and the wall's screen
  const out = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest('script, style, template, main[lang], [lang^=zh]')) {
      out.push(node.data.trim());
    }
  }
  for (const name of ['title', 'aria-label', 'placeholder', 'alt']) {
    for (const e of document.querySelectorAll('[' + name + ']')) out.push(e.getAttribute(name));
  }
  for (const e of document.querySelectorAll('option, optgroup')) out.push(e.label);
  return Array.from(new Set(out)).filter(text => /[\\u4e00-\\u9fff]/.test(text));
}"""


def main_action_below(person: Person) -> str | None:
    """The main action that has to be scrolled to; None when it is in the window."""
    return person.page.evaluate(MAIN_ACTION)


def small_targets(person: Person) -> str | None:
    """What is less high than a hand of 43 with a worn mouse needs; None when nothing is."""
    return person.page.evaluate(SMALL, 39.5)


@cache
def chinese_words() -> set[str]:
    """What our own messages say in Chinese, where nothing is filled in."""
    compiled = gettext.GNUTranslations(PO.with_suffix(".mo").open("rb"))._catalog
    return {text for text in flat(compiled).values() if "%" not in text and "{" not in text}


def left_in_chinese(person: Person) -> list[str]:
    """Our own words that a reader of English meets in Chinese."""
    if resolve(urlsplit(person.page.url).path).view_name in OF_FILES:
        return []
    return [text for text in person.page.evaluate(TEXTS) if text in chinese_words() - DATA]
