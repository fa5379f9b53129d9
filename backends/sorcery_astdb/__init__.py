"""The wizard `astdb`: objects as rows of the AstDB file that a running Asterisk uses too."""

from sorcery_astdb.wizard import AstdbWizard

__all__ = ["AstdbWizard"]
