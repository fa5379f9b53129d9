"""A phone for tests, demonstrations and scripts: it registers, calls, answers, plays a tone and tells what it hears."""

from sorcery_sip.phone.call import Call
from sorcery_sip.phone.phone import Phone

__all__ = ["Call", "Phone"]
