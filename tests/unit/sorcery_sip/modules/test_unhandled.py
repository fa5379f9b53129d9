"""Methods that no module takes."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery_sip.modules.options import ALLOW


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE", "PUBLISH", "FROBNICATE"])
def test_an_unknown_method_is_501(open_pbx: Any, method: str) -> None:
    response = open_pbx.ask(method, {"Contact": "<sip:a@10.0.0.1>"})
    assert (response.status, response.headers.get("Allow")) == (501, ALLOW)
