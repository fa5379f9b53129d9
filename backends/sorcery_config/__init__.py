"""The wizard `config`: objects are the sections of Asterisk `.conf` files."""

from sorcery_config.wizard import ConfigWizard

__all__ = ["ConfigWizard"]
