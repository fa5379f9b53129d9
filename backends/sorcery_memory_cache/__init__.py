"""The wizard `memory_cache`: objects of slower stores, held in memory in front of them."""

from sorcery_memory_cache.wizard import MemoryCacheWizard

__all__ = ["MemoryCacheWizard"]
