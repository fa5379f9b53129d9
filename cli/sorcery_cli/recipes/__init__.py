"""Recipes as commands."""
