"""What others change: notices become looks at caches, reloads and events."""
