"""The wizard `memory`: objects live as long as the process."""

from sorcery_memory.wizard import MemoryWizard

__all__ = ["MemoryWizard"]
