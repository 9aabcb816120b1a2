"""The bundle's name."""

import pytest

from embedc.diagnostics import EmbedcError
from embedc.naming import checked_name, name_from, problem_with


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("kws", "kws"),
        ("My.Model-v2 (final)", "My_Model_v2_final"),
        ("2fast", "model_2fast"),
        ("übung", "ubung"),
        ("日本", "model"),
        ("", "model"),
        ("int", "model_int"),
        ("class", "model_class"),
        ("log", "model_log"),
        ("sinf", "model_sinf"),
        ("select", "model_select"),
        ("math", "model_math"),
        ("ec_base", "model_ec_base"),
        ("a__b", "a_b"),
        ("../../etc/passwd\x1b[31m", "etc_passwd_31m"),
        ("x" * 99, "x" * 40),
    ],
)
def test_any_text_becomes_a_usable_name(text: str, name: str) -> None:
    assert name_from(text) == name
    assert not problem_with(name)


@pytest.mark.parametrize("name", ["1a", "a-b", "int", "printf", "_a", "a__b", "ec_x", "é", "a b", "a\n", "x" * 41])
def test_a_chosen_name_is_taken_or_refused_never_changed(name: str) -> None:
    with pytest.raises(EmbedcError, match="--name"):
        checked_name(name)
    assert checked_name("Kws_2") == "Kws_2"
