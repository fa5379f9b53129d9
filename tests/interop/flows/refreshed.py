"""Session timers as they run: a minute each, since no interval may be shorter than ninety seconds."""

FLOWS = {}
