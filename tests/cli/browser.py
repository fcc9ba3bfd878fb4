"""A page as headless Chromium shows it: what it measures of itself at a width, and a screenshot."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# The page lies in a frame of the width asked for: windows of Chromium are never narrower than 500 pixels.
FRAME = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe src="{page}" style="border:0;width:{width}px;height:{height}px"></iframe><pre id="measured"></pre><script>
const scrolled = e => {{ for (; e; e = e.parentElement) if (getComputedStyle(e).overflowX !== 'visible') return true; return false; }};
const marks = svg => [...svg.querySelectorAll('rect, circle, path')].filter(e => {{ const b = e.getBBox(); return b.width > 0 && b.height > 0; }});
const outside = svg => {{
  const box = svg.viewBox.baseVal;
  return [...svg.querySelectorAll('text')].filter(e => {{
    const m = e.getCTM(), s = svg.getCTM(), b = e.getBoundingClientRect(), o = svg.getBoundingClientRect();
    return b.left < o.left - 1 || b.right > o.right + 1 || b.top < o.top - 1 || b.bottom > o.bottom + 1;
  }}).map(e => e.textContent);
}};
document.querySelector('iframe').onload = event => {{
  const page = event.target.contentDocument, width = page.documentElement.clientWidth;
  const wide = [...page.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1 && !scrolled(e));
  document.getElementById('measured').textContent = JSON.stringify({{
    width: width, content: page.documentElement.scrollWidth, height: page.documentElement.scrollHeight,
    wide: wide.map(e => e.tagName + ' ' + e.textContent.slice(0, 40)),
    headings: [...page.querySelectorAll('h1, h2')].map(e => e.textContent),
    cards: [...page.querySelectorAll('.card')].map(e => e.textContent),
    charts: [...page.querySelectorAll('svg')].map(e => ({{
      name: e.getAttribute('aria-label'), marks: marks(e).length, outside: outside(e),
      width: e.getBoundingClientRect().width, height: e.getBoundingClientRect().height}})),
    images: [...page.querySelectorAll('img')].map(e => ({{
      name: e.alt, width: e.naturalWidth, height: e.naturalHeight, shown: e.getBoundingClientRect().width}})),
  }});
}};
</script>
"""


def _chromium(folder: Path, *arguments: str) -> str:
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--allow-file-access-from-files",
               f"--user-data-dir={folder / 'chromium'}", "--virtual-time-budget=20000", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout


def _frame(page: Path, folder: Path, width: int, height: int) -> Path:
    path = folder / f"frame{width}.html"
    path.write_text(FRAME.format(page=page.resolve().as_uri(), width=width, height=height))
    return path


def measure(page: Path, folder: Path, width: int) -> dict:
    dom = _chromium(folder, "--dump-dom", "--window-size=1400,1000", _frame(page, folder, width, 1000).as_uri())
    found = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
    assert found and found.group(1), "the page did not load"
    return json.loads(html.unescape(found.group(1)))


def screenshot(page: Path, folder: Path, width: int, height: int) -> bytes:
    path = folder / f"screenshot{width}.png"
    _chromium(folder, f"--screenshot={path}", f"--window-size={max(width, 500)},{height}", _frame(page, folder, width, height).as_uri())
    return path.read_bytes()
