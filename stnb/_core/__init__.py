"""What every engine stands on: errors, configs, frames, history, subscriptions, hooks. NumPy only."""
