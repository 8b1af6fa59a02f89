"""Behaviour: what an event is as an action, and sessions made of actions. Pure; no input or output."""
