"""The wizard `pjsip_wizard`: a section of `pjsip_wizard.conf` stands for all objects of a phone or a trunk."""

from sorcery_pjsip_wizard.wizard import PjsipWizard

__all__ = ["PjsipWizard"]
