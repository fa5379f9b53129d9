import pytest

from sorcery_sip.session.offers import OfferAnswer


def test_an_answer_makes_both_descriptions_the_agreed_ones() -> None:
    offers = OfferAnswer()
    offers.offer(b"ours")
    assert (offers.is_open, offers.is_agreed) == (True, False)
    offers.take_answer(b"theirs")
    assert (offers.local, offers.remote, offers.is_open, offers.is_agreed) == (b"ours", b"theirs", False, True)
    offers.take_offer(b"their new")
    offers.answer(b"our new")
    assert (offers.local, offers.remote, offers.is_open) == (b"our new", b"their new", False)


def test_there_is_only_one_open_offer() -> None:
    offers = OfferAnswer()
    offers.offer(b"ours")
    with pytest.raises(ValueError, match="an offer is open already"):
        offers.take_offer(b"theirs")
    with pytest.raises(ValueError, match="an offer is open already"):
        offers.offer(b"another")
    assert offers.ours == b"ours"


def test_an_offer_that_is_withdrawn_leaves_what_was_agreed() -> None:
    offers = OfferAnswer(local=b"a", remote=b"b")
    offers.take_offer(b"c")
    offers.withdraw()
    assert (offers.local, offers.remote, offers.is_open) == (b"a", b"b", False)


def test_an_answer_needs_an_offer() -> None:
    with pytest.raises(ValueError, match="no offer of the peer"):
        OfferAnswer().answer(b"x")
    with pytest.raises(ValueError, match="we have not offered"):
        OfferAnswer().take_answer(b"x")
