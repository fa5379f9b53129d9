"""The object type `phoneprov`."""

from __future__ import annotations

from sorcery.objects import Object, object_type
from sorcery.options import Value, option
from sorcery.pjsip.kinds.provisioning import TemplateVariables

__all__ = ["Phoneprov"]


@object_type("phoneprov", section="res_pjsip_phoneprov_provider", conf="pjsip.conf", since=("12.7.0",))
class Phoneprov(Object):
    """A phone whose configuration is made of a template and these variables.

    To be used it needs `MAC` and `PROFILE`; `endpoint` brings the variables of an endpoint and what belongs to it.
    """

    variables: Value[tuple[tuple[str, str], ...]] = option(
        TemplateVariables(),
        name="*",
        default="",
        doc="Any option is a provisioning variable under its exact name.",
        secret=True,
        refers_to="endpoint",
        belongs=True,
    )

    def variable(self, name: str) -> str | None:
        """Return the last text of a variable, case counts, or None."""
        return dict(self.variables).get(name)
