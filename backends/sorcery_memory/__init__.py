"""The wizard `memory`: objects live as long as the process, or as long as somebody has them open."""

from sorcery_memory.space import MemorySpace
from sorcery_memory.wizard import MemoryWizard

__all__ = ["MemorySpace", "MemoryWizard"]
