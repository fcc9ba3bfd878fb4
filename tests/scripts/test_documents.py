"""Links between the documents lead somewhere, and the lab's list names every note."""

import re

import pytest

FOLDERS = (".", "docs", "lab", "models", "models/*", "examples", "python", "data/digits")


@pytest.fixture(scope="module")
def documents(root):
    return [path for folder in FOLDERS for path in sorted(root.glob(f"{folder}/*.md"))]


def test_links_lead_to_files(documents):
    assert len(documents) > 15
    broken = [f"{path.name}: {link}" for path in documents for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text())
              if "://" not in link and not (path.parent / link).exists()]
    assert broken == []


def test_the_lab_lists_its_notes_and_each_has_its_head(root):
    listed = re.findall(r"\]\((\S+\.md)\)", (root / "lab/README.md").read_text())
    notes = sorted(path for path in (root / "lab").glob("*.md") if path.name != "README.md")
    assert sorted(name for name in listed if not name.startswith("../")) == [path.name for path in notes]
    for path in notes:
        assert re.fullmatch(r"20\d\d-\d\d-[a-z0-9-]+\.md", path.name)
        text = path.read_text()
        assert all(f"- **{head}" in text for head in ("Question.", "Command.", "Seed", "Held out.", "Verdict.")), path.name
