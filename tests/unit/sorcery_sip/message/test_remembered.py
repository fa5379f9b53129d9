import pytest

from sorcery_sip.message.remembered import remembered


class Parser:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> int:
        self.asked.append(text)
        return int(text)


def test_a_text_is_parsed_once() -> None:
    parse = Parser()
    once = remembered(parse)
    assert [once("12"), once("12"), once("13")] == [12, 12, 13]
    assert parse.asked == ["12", "13"]


def test_a_long_text_is_not_kept() -> None:
    parse = Parser()
    once = remembered(parse)
    assert once("0" * 300) == once("0" * 300) == 0
    assert len(parse.asked) == 2


def test_what_is_wrong_is_found_wrong_each_time() -> None:
    parse = Parser()
    once = remembered(parse)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            once("x")
    assert parse.asked == ["x", "x"]
