"""Replays: written in the kernel, taken apart for a page, thinned, and left alone where they are of another make."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stnb_widgets import Atlas, Points
from stnb_widgets.base import static_text
from stnb_widgets.page import page_fragment

from stnb.gallery import replays
from stnb.gallery.fragments import share, thin


@pytest.fixture(scope="module")
def atlases():
    made = []
    for title in ("One </script> <b>", "Other"):
        atlas = Atlas(box=((0, 0, 0), (8, 8, 8)), attributes={"speed": "m/s"}, title=title)
        for k in range(1, 9):
            positions = [[k % 7 + 0.5, 2.0, 3.0], [1.0, 1.0 + k / 10, 1.0]]
            atlas.offer(Points(step=k, time=0.1 * k, positions=positions, attributes={"speed": [1.0, 2.0]}))
        made.append(atlas)
    yield made
    for atlas in made:
        atlas.close()


def films(html):
    found = re.findall(r"^const recorded = \[\n(.*?)\n\];$", html, flags=re.DOTALL | re.MULTILINE)
    return [json.loads(f"[{text}]") for text in found]


def test_what_fragments_have_in_common_is_written_once(atlases):
    whole = {str(i): page_fragment(atlas) for i, atlas in enumerate(atlases)}
    head, lighter = share(whole)
    everything = head + "".join(lighter.values())
    for name in ("atlas.css", "page.css"):
        assert everything.count(static_text(name).strip()) == 1
    for text in (static_text("atlas.js"), static_text("page.js")):
        assert everything.count(text[:300].replace("</script", "")) == 1
    assert len(everything) < sum(map(len, whole.values())) - len(static_text("atlas.js")) / 2
    assert [films(html) for html in lighter.values()] == [films(html) for html in whole.values()]
    for name, fragment in lighter.items():
        assert f'<div class="stnb-page" id="{re.search("stnb-page-[0-9a-f]+", whole[name])[0]}"' in fragment
        assert fragment.count("</script") == 1, "a title cannot end the script"


def test_a_film_that_is_too_long_is_thinned(atlases):
    whole = page_fragment(atlases[0])
    ((recorded,),) = films(whole)
    most = sum(len(packed) for _, packed in recorded["film"]) // 2
    ((lighter,),) = films(share({"a": whole}, most)[1]["a"])
    assert sum(len(packed) for _, packed in lighter["film"]) <= most
    assert [step for step, _ in lighter["film"]] in ([1, 3, 5, 8], [1, 5, 8])
    assert {**lighter, "film": None} == {**recorded, "film": None}


def test_fragments_of_another_make_stay_as_they_are(atlases):
    strange = '<div><script type="module">const modules = 1;</script></div>'
    changed = page_fragment(atlases[0]).replace("\n};\nconst recorded", "\n /* new */ };\nconst recorded")
    more = page_fragment(atlases[0]).replace("const modules = {\n", 'const modules = {\n"odd-kind": 1,\n')
    every = {"a": strange, "b": changed, "c": more}
    assert share(every) == ("", every)


def test_two_builds_of_one_front_end_do_not_share(atlases):
    one = page_fragment(atlases[0])
    other = one.replace(
        'stnb_widgets.atlas.widget.Atlas": (() => {', 'stnb_widgets.atlas.widget.Atlas": (() => {\n;', 1
    )
    assert other != one
    _, lighter = share({"one": one, "other": other})
    assert lighter["other"] == other


@given(sizes=st.lists(st.integers(1, 50), max_size=70), most=st.integers(0, 900))
def test_thinning_keeps_ends_and_order(sizes, most):
    film = [[step, "x" * size] for step, size in enumerate(sizes)]
    kept = thin(film, most)
    assert kept == [frame for frame in film if frame in kept]
    assert kept[:1] == film[:1]
    assert kept[-1:] == film[-1:]
    assert len(kept) <= 2 or sum(len(packed) for _, packed in kept) <= most
    if sum(sizes) <= most:
        assert kept == film


def test_open_widgets_that_have_shown_something_are_written(atlases, tmp_path):
    empty = Atlas(box=((0, 0, 0), (1, 1, 1)))
    written = replays.write_fragments(tmp_path)
    assert {atlas.model_id for atlas in atlases} <= set(written)
    assert empty.model_id not in written
    assert {path.stem for path in tmp_path.iterdir()} == set(written)
    empty.close()


def test_a_box_of_widgets_is_one_replay_on_one_clock(atlases, tmp_path):
    import ipywidgets

    box = ipywidgets.GridBox([ipywidgets.HBox([atlases[0]]), ipywidgets.HTML("words"), atlases[1]])
    assert box.model_id in replays.write_fragments(tmp_path)
    whole = (tmp_path / f"{box.model_id}.html").read_text(encoding="utf-8")
    assert 'data-layout="grid"' in whole
    most = max(len(packed) for _, packed in films(whole)[0][0]["film"]) * 4
    head, lighter = share({"box": whole}, most)
    (recorded,) = films(lighter["box"])
    assert [one["scene"]["title"] for one in recorded] == ["One </script> <b>", "Other"]
    assert [[step for step, _ in one["film"]] for one in recorded] == [[1, 5, 8], [1, 5, 8]]
    assert head.count(static_text("page.css").strip()) == 1
    box.close()


def test_looking_for_widgets_imports_none():
    code = (
        "import sys; from stnb.gallery.replays import write_fragments, peak_mb; from pathlib import Path;"
        "assert write_fragments(Path('.')) == []; assert 5 < peak_mb() < 500;"
        "assert not {'ipywidgets', 'stnb_widgets', 'torch', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of a child that is alive")
def test_memory_of_children_counts_while_they_live():
    hungry = "import sys; x = bytearray(200_000_000); print('full', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hungry], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        before = replays.peak_mb()
        assert child.stdout.readline() == b"full\n"
        with_child = replays.peak_mb()
        child.stdin.close()
    assert with_child > before + 150
    assert replays.peak_mb() < with_child - 190
