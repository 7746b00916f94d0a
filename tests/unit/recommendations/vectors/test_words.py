"""Word vectors: learnt, filled in from characters, read from files, and what products they make near."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from siyu.domain.errors import InputError, MissingExtraError, SettingsError
from siyu.recommendations.vectors.counted import Counted, CountedOptions, factors
from siyu.recommendations.vectors.listed import read_vectors
from siyu.recommendations.vectors.near import blended
from siyu.recommendations.vectors.subwords import filled
from siyu.recommendations.vectors.weighing import unit

from ..shop import Shop, moment, reason


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Mugs and ropes, one of each new; two people, one for each."""
    shop = Shop(tmp_path / "tables")
    for number in range(4):
        shop.stock({"item": f"m{number}", "title": f"Porcelain mug {['red', 'blue', 'grey', 'white'][number]}"})
        shop.stock({"item": f"r{number}", "title": f"Climbing rope {['long', 'short', 'thin', 'thick'][number]}"})
    shop.stock({"item": "new-mug", "title": "Porcelain mug, green", "first_seen": moment(1)})
    shop.stock(
        {"item": "茶", "title": "陶瓷茶杯"}, {"item": "杯", "title": "玻璃茶杯"}, {"item": "绳", "title": "登山绳"}
    )
    shop.bought("drinker", "m0", "m1", days=3)
    shop.bought("climber", "r0", "r1", days=3)
    shop.bought("中", "茶", days=3)
    return shop


def test_a_new_product_is_found_by_its_words_with_its_evidence(shop: Shop) -> None:
    shop.run(weights={"vectors": 1.0})
    assert {"m2", "m3", "new-mug"} <= set(shop.items("drinker"))
    assert not {"r2", "r3"} & set(shop.items("drinker")[:3])
    row = next(row for row in shop.of("drinker") if row["item"] == "new-mug")
    why = reason(row, "similar")
    assert why["item"] in {"m0", "m1"}
    assert (why["facet"], why["value"] in {"mug", "porcelain"}) == ("keyword", True)
    assert 0 < why["number"] <= 1
    assert shop.items("中")[0] == "杯"


def test_what_is_out_of_stock_takes_no_place(shop: Shop) -> None:
    shop.stock({"item": "new-mug", "title": "Porcelain mug, green", "stock": 0})
    shop.run(weights={"vectors": 1.0}, options={"vectors": {"neighbours": 3}})
    assert "new-mug" not in shop.items("drinker")
    assert shop.items("drinker")


def test_factors_are_those_of_the_full_decomposition() -> None:
    draw = np.random.default_rng(1).random((30, 30))
    whole = draw @ draw.T
    found = factors(sparse.csr_array(whole.astype(np.float32)), 5, 1.0, 3)
    # U diag(s): its columns have the greatest singular values as lengths
    assert np.linalg.norm(found, axis=0) == pytest.approx(np.linalg.svd(whole)[1][:5], rel=1e-3)
    assert (factors(sparse.csr_array(whole.astype(np.float32)), 5, 1.0, 3) == found).all()


def test_an_unseen_word_is_near_the_one_that_it_resembles() -> None:
    known = np.array([[1, 0], [0, 1], [0, 0], [0, 0]], np.float32)
    whole = unit(filled(["teapot", "climbing", "teapots", "zzz"], known))
    assert whole[2] @ whole[0] > 0.9 > whole[2] @ whole[1]
    assert not whole[3].any()
    chinese = unit(filled(["茶杯", "绳子", "小茶杯"], known[:3]))
    assert chinese[2] @ chinese[0] > 0.9


def test_company_moves_what_people_have_and_nothing_else() -> None:
    texts = np.eye(3, dtype=np.float32)
    near = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], np.float32))
    whole = blended(texts, near, 1.0)
    # one neighbour: surrounded = 1 / (1 + 5); (1, 1/6) at length 1
    assert whole[0] == pytest.approx(np.array([6, 1, 0]) / np.sqrt(37), rel=1e-5)
    assert whole[2].tolist() == [0, 0, 1]


def test_a_file_is_read_and_its_bad_lines_are_told(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_bytes(
        b"4 2\nmug 1 0.5\nrope 0 1\nmug 9 9\nteapot x 1\nnan nan 1\n\xff\xfe 1 2\nshort 1\nhuge "
        + b"1 " * 70_000
        + b"\n"
    )
    found = read_vectors(path, {"mug", "teapot", "nan", "short", "huge"})
    assert {word: vector.tolist() for word, vector in found.vectors.items()} == {"mug": [1.0, 0.5]}
    assert found.first_bad == [(5, "number"), (6, "number"), (7, "encoding"), (8, "width"), (9, "length")]
    assert found.lines == 8


def test_a_file_gives_vectors_and_a_wrong_one_is_refused(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("mug 1 0 0\nporcelain 1 0.1 0\nrope 0 1 0\nclimbing 0 1 0.1\n", "utf-8")
    options = {"embedder": "file", "embedding": {"path": str(path)}}
    shop.run(weights={"vectors": 1.0}, options={"vectors": options})
    assert {"m2", "m3", "new-mug"} == set(shop.items("drinker")[:3])
    path.write_text("<html>\n<body>no</body>\n", "utf-8")
    with pytest.raises(InputError, match="no file of word vectors"):
        shop.run(weights={"vectors": 1.0}, options={"vectors": options | {"floor": 0.2}})


@pytest.mark.parametrize(("options", "told"), [
    ({"embedder": "file"}, "No file"),
    ({"embedder": "nothing"}, "no embedder"),
    ({"embedding": {"size": 0}}, "embedder 'counted'"),
])  # fmt: skip
def test_wrong_options_are_told(shop: Shop, options: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        shop.run(weights={"vectors": 1.0}, options={"vectors": options})


@pytest.mark.parametrize("kind", ["word2vec", "fasttext"])
def test_gensim_learns_or_says_how_to_install_it(shop: Shop, kind: str) -> None:
    run = {"weights": {"vectors": 1.0}, "options": {"vectors": {"embedder": kind, "embedding": {"size": 16}}}}
    try:
        import gensim  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtraError, match="siyu\\[vectors\\]"):
            shop.run(**run)  # type: ignore[arg-type]
        return
    shop.run(**run)  # type: ignore[arg-type]
    first = shop.rows()
    assert {"m2", "m3", "new-mug"} & set(shop.items("drinker"))
    shop.run(**run)  # type: ignore[arg-type]
    assert shop.rows() == first


def test_words_learn_nothing_from_nothing() -> None:
    from siyu.recommendations.vectors.corpus import Corpus

    empty = Corpus((), (), sparse.csr_array((0, 0), dtype=np.float32), ())
    found = Counted(CountedOptions()).products(empty, sparse.csr_array((0, 0), dtype=np.float32), None)  # type: ignore[arg-type]
    assert len(found) == 0


def test_values_with_digits_are_words_of_their_own(shop: Shop) -> None:
    # no word of a language: "42" as a size says something, and is not "42" as a weight
    for item, pairs in {"a": ("size", "42"), "b": ("size", "42"), "c": ("weight", "42"), "d": ("size", "43")}.items():
        shop.stock({"item": item, "title": None, "attributes": [{"name": pairs[0], "value": pairs[1]}]})
    for item in "abcd":
        shop.products[item]["title"] = "thing"
    shop.bought("walker", "a", days=2)
    shop.run(weights={"vectors": 1.0}, options={"vectors": {"sessions": 0.0}})
    assert shop.items("walker")[0] == "b"
    assert reason(shop.of("walker")[0], "similar")["value"] == "42"
